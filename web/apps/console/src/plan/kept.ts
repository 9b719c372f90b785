import type { PlanView } from '@wecc/protocol'

import type { Fields, Leaf } from './fields'

export interface KeptDraft {
  readonly view: PlanView
  readonly draft: Fields
}

/** An unsaved draft, over reloads of the same tab. */
export interface Kept {
  read(): KeptDraft | null
  write(draft: KeptDraft | null): void
}

export const keptInTab = (agentId: string): Kept => {
  const key = `wecc:console:plan:${agentId}`
  return {
    read() {
      try {
        const text = sessionStorage.getItem(key)
        if (!text) return null
        const { view, draft } = JSON.parse(text) as { view: PlanView; draft: [string, Leaf][] }
        return { view, draft: new Map(draft) }
      } catch {
        return null
      }
    },
    write(kept) {
      try {
        if (kept) sessionStorage.setItem(key, JSON.stringify({ view: kept.view, draft: [...kept.draft] }))
        else sessionStorage.removeItem(key)
      } catch {
        // a full storage costs the reload's safety, not the draft on screen
      }
    },
  }
}
