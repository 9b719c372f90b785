import { duration } from '@wecc/ui'

import { clock } from '../desk/clock'
import { useStore } from '../use-store'

/** The server's time, each second anew. */
export const useNow = (): number => useStore(clock)

/** A span that grows: `1′20″`. */
export function Age({ since_ms }: { readonly since_ms: number }) {
  return <span className="figures">{duration(useNow() - since_ms)}</span>
}
