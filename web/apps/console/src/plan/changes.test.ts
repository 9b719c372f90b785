import { expect, it } from 'vitest'

import { changesBetween, patchBetween, undoing } from './changes'
import { fieldsOf, type Leaf, patched, without } from './fields'
import { plan } from './samples'

const base = fieldsOf(plan)
const edited = (...entries: [string, Leaf | undefined][]) => patched(base, new Map(entries), base)

it('names a value, from and to', () => {
  expect(changesBetween(base, edited(['tiers.vip.targets.chat.threshold_s', 20]))).toEqual([
    {
      kind: 'set',
      path: 'tiers.vip.targets.chat.threshold_s',
      paths: ['tiers.vip.targets.chat.threshold_s'],
      from: 15,
      to: 20,
    },
  ])
})

it('a group that goes is one change with its memberships, and one undo', () => {
  const draft = patched(
    base,
    new Map([
      ...without(base, 'groups.mass'),
      ['members.a2.groups.mass', undefined],
      ['members.a3.groups.mass', undefined],
    ]),
    base,
  )
  const [change, ...more] = changesBetween(base, draft)
  expect(more).toEqual([])
  expect(change).toMatchObject({ kind: 'removed', path: 'groups.mass' })
  expect(patched(draft, undoing(change!, base), base)).toEqual(base)
})

it('a new promise on a channel, an overflow and a holiday are one change each', () => {
  const draft = edited(
    ['tiers.vip.targets.voice.target_percent', 95],
    ['tiers.vip.targets.voice.threshold_s', 10],
    ['groups.mass.overflow.to', 'key'],
    ['groups.mass.overflow.after_s', 30],
    ['hours.office.holidays.2027-01-01.name', '元旦'],
    ['hours.office.holidays.2027-01-01.open', ''],
  )
  expect(changesBetween(base, draft).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'added tiers.vip.targets.voice',
    'added groups.mass.overflow',
    'added hours.office.holidays.2027-01-01',
  ])
})

it('the same change of several agents is told once', () => {
  const draft = edited(
    ['members.a1.groups.mass', 2],
    ['members.a3.groups.key', 2],
    ['members.a2.groups.mass', 2],
  )
  expect(changesBetween(base, draft).map(({ paths, from, to }) => [paths.length, from, to])).toEqual([
    [1, 1, 2],
    [1, undefined, 2],
    [1, undefined, 2],
  ])
  const both = edited(
    ['members.a1.groups.mass', 1],
    ['members.a9.groups.mass', 1],
    ['members.a9.capacity', 5],
  )
  expect(changesBetween(base, both).map(({ paths }) => paths.length)).toEqual([2, 1])
})

it('a patch leads from one plan to the other and back', () => {
  const draft = edited(
    ['policy', 'gap_live'],
    ['groups.key.tiers.szx', true],
    ['groups.key.widened.signed', undefined],
  )
  expect(patched(base, patchBetween(base, draft), base)).toEqual(draft)
  expect(patched(draft, patchBetween(draft, base), base)).toEqual(base)
  expect(changesBetween(base, base)).toEqual([])
})
