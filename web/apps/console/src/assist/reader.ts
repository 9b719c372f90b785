import { Store } from '@wecc/realtime'

/** What the assist section shows: suggestions and results, the tree, or one article above either. */
export interface Reading {
  readonly articleId: string | null
  readonly isBrowsing: boolean
  readonly categoryId: string
}

class Reader extends Store<Reading> {
  constructor() {
    super({ articleId: null, isBrowsing: false, categoryId: '' })
  }

  change(change: Partial<Reading>): void {
    this.set({ ...this.getSnapshot(), ...change })
  }
}

export const reader = new Reader()

/** Opens an article beside the conversation, from wherever it is named. */
export const openArticle = (articleId: string): void => reader.change({ articleId })

export const closeArticle = (): void => reader.change({ articleId: null })

export const browse = (categoryId: string | null): void =>
  reader.change({ articleId: null, isBrowsing: categoryId !== null, categoryId: categoryId ?? '' })
