import { Store } from '@wecc/realtime'

import type { ListQuery } from './article-list'

/** What the list shows; it stays while one is elsewhere in the window. */
class ListQueryStore extends Store<ListQuery> {
  constructor() {
    super({ scope: 'all', category: null, q: '' })
  }

  change(change: Partial<ListQuery>): void {
    this.set({ ...this.getSnapshot(), ...change })
  }
}

export const listQuery = new ListQueryStore()
