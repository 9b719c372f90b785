import type { FlowSummary, Locale, TierView } from '@wecc/protocol'
import { createContext, use } from 'react'

import type { FlowDrafts } from './drafts'
import type { FlowTexts } from './texts'

export interface FlowsContextValue {
  readonly flows: readonly FlowSummary[]
  readonly unguided: readonly string[]
  /** Deleted, and not brought back. */
  readonly deleted: readonly FlowSummary[]
  readonly drafts: FlowDrafts
  readonly tiers: readonly TierView[]
  readonly tierName: (code: string) => string
  readonly texts: FlowTexts
  readonly locale: Locale
  /** Reads the list again. */
  readonly again: () => void
  /** Says to who cannot see, and shows it for a while. */
  readonly say: (text: string) => void
}

export const FlowsContext = createContext<FlowsContextValue | null>(null)

export function useFlows(): FlowsContextValue {
  const flows = use(FlowsContext)
  if (!flows) throw new Error('outside of the flows')
  return flows
}
