import { beforeEach, describe, expect, it } from 'vitest'

import { ArticleDrafts, type Edited, emptyContent } from './drafts'

const saved: Edited = {
  baseVersion: 3,
  categoryId: 'c1',
  content: { ...emptyContent('zh-CN'), title: '题', body: '文' },
  files: [],
  comment: '',
}

describe('drafts', () => {
  beforeEach(() => localStorage.clear())

  it('survive a reload, each agent his own', () => {
    new ArticleDrafts('a1').change('x', saved, { content: { ...saved.content, title: '新题' } })
    expect(new ArticleDrafts('a1').getSnapshot().get('x')).toMatchObject({
      baseVersion: 3,
      content: { title: '新题', body: '文' },
    })
    expect(new ArticleDrafts('a2').getSnapshot().size).toBe(0)
  })

  it('end when one is back at what is saved', () => {
    const drafts = new ArticleDrafts('a1')
    drafts.change('x', saved, { content: { ...saved.content, title: '新题' } })
    drafts.change('x', saved, { content: saved.content })
    expect(drafts.getSnapshot().has('x')).toBe(false)
    expect(new ArticleDrafts('a1').getSnapshot().has('x')).toBe(false)
  })

  it('stay on the version they began with, whatever is saved meanwhile', () => {
    const drafts = new ArticleDrafts('a1')
    drafts.change('x', saved, { comment: '改' })
    const theirs = { ...saved, baseVersion: 4, content: { ...saved.content, body: '他的' } }
    drafts.change('x', theirs, { comment: '再改' })
    expect(drafts.getSnapshot().get('x')).toMatchObject({
      baseVersion: 3,
      comment: '再改',
      content: { body: '文' },
    })
  })

  it('keep the name of their first save, so a repeat makes no second article', () => {
    const drafts = new ArticleDrafts('a1')
    drafts.change('new', saved, { comment: '一' })
    const first = drafts.getSnapshot().get('new')!.clientId
    drafts.change('new', saved, { comment: '二' })
    expect(drafts.getSnapshot().get('new')!.clientId).toBe(first)
  })

  it('are gone once saved, but for what was typed meanwhile', () => {
    const drafts = new ArticleDrafts('a1')
    drafts.change('x', saved, { comment: '一' })
    drafts.saved('x', drafts.getSnapshot().get('x')!, 4)
    expect(drafts.getSnapshot().has('x')).toBe(false)

    drafts.change('x', saved, { content: { ...saved.content, body: '一' } })
    const sent = drafts.getSnapshot().get('x')!
    drafts.change('x', saved, { content: { ...saved.content, body: '一二' } })
    drafts.saved('x', sent, 4)
    expect(drafts.getSnapshot().get('x')).toMatchObject({ baseVersion: 4, content: { body: '一二' } })
  })

  it('that cannot be read are passed over', () => {
    localStorage.setItem('wecc:console:article:a1:x', '{broken')
    expect(new ArticleDrafts('a1').getSnapshot().size).toBe(0)
  })
})
