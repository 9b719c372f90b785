import type { KnowledgeRights } from '@wecc/protocol'
import { http, Store } from '@wecc/realtime'

import type { Workplace } from '../desk/workplace'
import { useStore } from '../use-store'

const none: KnowledgeRights = { is_editor: false, is_reviewer: false, is_administrator: false }

/** Null until the server has said. */
class RightsStore extends Store<KnowledgeRights | null> {
  constructor() {
    super(null)
  }

  async read(): Promise<void> {
    try {
      this.set(await http<KnowledgeRights>('/api/v1/kb/desk/rights'))
    } catch {
      // known rights stay; without any, the place stays hidden
      if (this.getSnapshot() === null) this.set(none)
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
export const useKnowledgeRights = (workplace: Workplace): KnowledgeRights =>
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
