import { WeccError } from '@wecc/realtime'

import type { Texts } from '../texts'

/** What went wrong, in the agent's words. */
export function errorText(thrown: unknown, texts: Texts): string {
  const { code } = WeccError.from(thrown)
  const key = code === 'client.timeout' || code === 'client.connection_lost' ? 'connection.lost' : code
  return texts.errors[key] ?? texts.errorOther
}
