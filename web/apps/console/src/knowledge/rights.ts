import type { KnowledgeStanding } from '@wecc/protocol'
import { http, Store } from '@wecc/realtime'
import { useEffect } from 'react'

import type { Workplace } from '../desk/workplace'
import { useStore } from '../use-store'
import { acts } from '../acts'
import { whileSeen } from '../reading'

const none: KnowledgeStanding = {
  is_editor: false,
  is_reviewer: false,
  is_administrator: false,
  to_review: 0,
}

/** Null until the server has said. */
class RightsStore extends Store<KnowledgeStanding | null> {
  constructor() {
    super(null)
  }

  async read(): Promise<void> {
    const was = this.getSnapshot()
    try {
      const now = await http<KnowledgeStanding>('/api/v1/kb/desk/rights')
      if (JSON.stringify(now) !== JSON.stringify(was)) this.set(now)
    } catch {
      // known rights stay; without any, the place stays hidden
      if (was === null) this.set(none)
    }
  }
}

const stores = new WeakMap<Workplace, RightsStore>()

/** The store of what the agent may do in the knowledge base; read when first asked for. */
export function rightsOf(workplace: Workplace): RightsStore {
  const known = stores.get(workplace)
  if (known) return known
  const store = new RightsStore()
  stores.set(workplace, store)
  void store.read()
  return store
}

/** What the agent may do in the knowledge base; nothing until it is known. */
export const useKnowledgeRights = (workplace: Workplace): KnowledgeStanding =>
  useStore(rightsOf(workplace)) ?? none

/**
 * Whether the knowledge desk has anything for this agent: who leads may look, who writes or reviews may act. Null
 * until that is known.
 */
export function useMaySeeKnowledge(workplace: Workplace): boolean | null {
  const rights = useStore(rightsOf(workplace))
  if (workplace.session.role !== 'agent') return true
  return rights && (rights.is_editor || rights.is_reviewer)
}

/** How many articles wait for this agent's word, wherever in the window he is. */
export function useWaitingReviews(workplace: Workplace): number {
  const store = rightsOf(workplace)
  const { is_reviewer, to_review } = useStore(store) ?? none
  const done = useStore(acts)
  useEffect(() => {
    if (!is_reviewer) return
    void store.read()
    return whileSeen(() => void store.read())
  }, [store, is_reviewer, done])
  return to_review
}
