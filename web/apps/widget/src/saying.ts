import type { Appended, FlowEntry, Locale, VisitorNotices, VisitorRequests, VisitorState } from '@wecc/protocol'
import { http, WeccError, type Connection, type OutboxItem } from '@wecc/realtime'

import { PERSON, STEP_OVER, type Draft } from './drafts'
import type { HostState } from './host'

export type Line = Connection<VisitorRequests, VisitorNotices>

const ENTRY_TIMEOUT_MS = 4_000

/** How self-service greets whoever has these headers. Throws `WeccError`. */
export const readEntry = (center: string, locale: Locale, headers: Record<string, string>) =>
  http<FlowEntry>(`/api/v1/flows/entry?center=${center}&locale=${locale}`, {
    headers,
    signal: AbortSignal.timeout(ENTRY_TIMEOUT_MS),
  })

/** Says it in an open conversation. */
export function sayIn(line: Line, conversation_id: string, item: OutboxItem<Draft>): Promise<Appended> {
  const { text, attachments, option, fields } = item.draft
  const to = { conversation_id, client_id: item.client_id }
  if (option) return line.request('flow:choose', { ...to, option })
  if (fields)
    return line.request('flow:fill_form', {
      ...to,
      fields: fields.map(({ name, value }) => ({ name, value })),
    })
  return line.request('conversation:send_message', { ...to, text, attachment_ids: attachments.map(({ id }) => id) })
}

/** Begins a conversation with it; a form is sent once it has begun. */
export function begin(
  line: Line,
  { client_id, draft }: OutboxItem<Draft>,
  { locale, page }: HostState,
): Promise<VisitorState> {
  const { text, attachments, option = '', fields } = draft
  const begun = line.request('conversation:start', {
    client_id,
    locale,
    text: option ? '' : text,
    attachment_ids: attachments.map(({ id }) => id),
    page_url: page?.url ?? '',
    page_title: page?.title ?? '',
    option,
    wants_person: option === PERSON,
  })
  return begun.catch((thrown) => {
    const { code } = WeccError.from(thrown)
    throw fields && code === 'request.invalid' ? new WeccError({ code: STEP_OVER }) : thrown // no form greets any more
  })
}
