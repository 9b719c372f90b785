import { expect, it } from 'vitest'

import { fieldsOf, type Leaf, patched, without } from './fields'
import { merge, settled } from './merge'
import { plan } from './samples'

const base = fieldsOf(plan)
const edited = (...entries: [string, Leaf | undefined][]) => patched(base, new Map(entries), base)

it('keeps both sides when they touched different fields', () => {
  const mine = edited(['policy', 'gap_live'], ['members.a1.groups.mass', 2])
  const theirs = edited(['wrap_up_s', 45], ['groups.key.tiers.szx', true])
  const merged = merge(base, mine, theirs)
  expect(merged.conflicts).toEqual([])
  expect(merged.fields.get('policy')).toBe('gap_live')
  expect(merged.fields.get('wrap_up_s')).toBe(45)
  expect(merged.fields.get('members.a1.groups.mass')).toBe(2)
  expect(merged.fields.get('groups.key.tiers.szx')).toBe(true)
})

it('asks where both changed the same, and takes theirs until told', () => {
  const merged = merge(base, edited(['wrap_up_s', 10]), edited(['wrap_up_s', 45]))
  expect(merged.conflicts).toMatchObject([{ path: 'wrap_up_s', mine: 10, theirs: 45 }])
  expect(settled(merged, new Set()).get('wrap_up_s')).toBe(45)
  expect(settled(merged, new Set(['wrap_up_s'])).get('wrap_up_s')).toBe(10)
})

it('the same change of both is no conflict', () => {
  const both = edited(['wrap_up_s', 45])
  expect(merge(base, both, both)).toEqual({ fields: both, conflicts: [] })
})

it('asks once when one removed a group that the other changed, memberships with it', () => {
  const mine = patched(
    base,
    new Map([
      ...without(base, 'groups.mass'),
      ['members.a2.groups.mass', undefined],
      ['members.a3.groups.mass', undefined],
    ]),
    base,
  )
  const theirs = edited(['groups.mass.name_en', 'Everybody'])
  const merged = merge(base, mine, theirs)
  expect(merged.conflicts).toMatchObject([{ path: 'groups.mass', mine: false, theirs: true }])
  expect(merged.fields).toEqual(theirs)
  expect(settled(merged, new Set(['groups.mass']))).toEqual(mine)
})

it('asks when one put somebody into a group that the other removed; nobody stays in one that is gone', () => {
  const mine = edited(['members.a1.groups.mass', 1])
  const theirs = patched(
    base,
    new Map([
      ...without(base, 'groups.mass'),
      ['members.a2.groups.mass', undefined],
      ['members.a3.groups.mass', undefined],
    ]),
    base,
  )
  const merged = merge(base, mine, theirs)
  expect(merged.conflicts.map(({ path }) => path)).toEqual(['groups.mass'])
  expect(
    [...merged.fields.keys()].filter((path) => path.includes('mass') && !path.includes('overflow')),
  ).toEqual([])
  expect(settled(merged, new Set(['groups.mass']))).toEqual(mine)
})
