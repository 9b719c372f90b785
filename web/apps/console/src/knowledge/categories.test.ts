import type { CategoryNode } from '@wecc/protocol'
import { describe, expect, it } from 'vitest'

import { isWithin, moveOf, pathOf, treeOf } from './categories'

const node = (id: string, parent_id = ''): CategoryNode => ({
  id,
  parent_id,
  name_zh: id,
  name_en: '',
  articles: 0,
})
const all = [node('a'), node('b'), node('a1', 'a'), node('a2', 'a'), node('a11', 'a1'), node('lost', 'gone')]

describe('categories', () => {
  it('become a tree in their order; orphans are at the top', () => {
    const shape = (branches: ReturnType<typeof treeOf>): unknown =>
      branches.map(({ id, children }) => (children.length ? [id, shape(children)] : id))
    expect(shape(treeOf(all))).toEqual([['a', [['a1', ['a11']], 'a2']], 'b', 'lost'])
  })

  it('know their path and what lies below them', () => {
    expect(pathOf(all, 'a11').map((one) => one.id)).toEqual(['a', 'a1', 'a11'])
    expect(isWithin(all, 'a11', 'a')).toBe(true)
    expect(isWithin(all, 'b', 'a')).toBe(false)
  })

  it.each([
    ['a2', 'a1', 'before', { parent_id: 'a', position: 0 }],
    ['a1', 'a2', 'after', { parent_id: 'a', position: 1 }],
    ['b', 'a1', 'after', { parent_id: 'a', position: 1 }],
    ['b', 'a', 'on', { parent_id: 'a', position: 2 }],
    ['a11', 'b', 'before', { parent_id: '', position: 1 }],
    ['a', 'a11', 'on', null],
    ['a', 'a', 'on', null],
    ['a', 'nothing', 'on', null],
  ] as const)('%s dropped on %s (%s)', (id, target, where, move) => {
    expect(moveOf(all, id, target, where)).toEqual(move)
  })
})
