import type { ArticleCounts, ArticleList, ArticleRow } from '@wecc/protocol'
import { describe, expect, it } from 'vitest'

import { ArticleListing } from './article-list'

const counts = { all: 0 } as ArticleCounts
const row = (id: string) => ({ id, title: id }) as ArticleRow

/** A list of `ids` behind pages of two. */
function served(ids: () => readonly string[]) {
  const offsets: number[] = []
  const read = async (_: unknown, offset: number): Promise<ArticleList> => {
    offsets.push(offset)
    return {
      articles: ids()
        .slice(offset, offset + 2)
        .map(row),
      total: ids().length,
      counts,
    }
  }
  const listing = new ArticleListing({ scope: 'all', category: null, q: '' }, read)
  return { listing, offsets, ids: () => listing.getSnapshot().rows?.map((one) => one.id) }
}

describe('the list', () => {
  it('is read page by page until its end', async () => {
    const { listing, offsets, ids } = served(() => ['a', 'b', 'c'])
    await listing.refresh()
    expect(ids()).toEqual(['a', 'b'])
    await listing.more()
    await listing.more()
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(offsets).toEqual([0, 2])
  })

  it('shows nothing twice when something new has pushed the rest down', async () => {
    let all = ['a', 'b', 'c', 'd']
    const { listing, ids } = served(() => all)
    await listing.refresh()
    all = ['new', ...all]
    await listing.more()
    expect(ids()).toEqual(['a', 'b', 'c'])
    await listing.refresh()
    expect(ids()).toEqual(['new', 'a', 'b', 'c'])
  })

  it('keeps what it shows when it cannot be read again, and says why', async () => {
    let isDown = false
    const { listing, ids } = served(() => {
      if (isDown) throw new Error('down')
      return ['a']
    })
    await listing.refresh()
    isDown = true
    await listing.refresh()
    expect(ids()).toEqual(['a'])
    expect(listing.getSnapshot()).toMatchObject({ isReading: false, error: { code: 'internal' } })
  })
})
