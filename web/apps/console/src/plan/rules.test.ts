import { expect, it } from 'vitest'

import { fieldsOf, patched } from './fields'
import {
  allProblems,
  fieldPath,
  isSendable,
  kindOf,
  localProblems,
  numberOf,
  numbers,
  placeOf,
} from './rules'
import { plan } from './samples'

const fields = fieldsOf(plan)
const broken = (path: string, leaf: string | number | null) =>
  localProblems(patched(fields, new Map([[path, leaf]]), fields))

it.each([
  ['late_turn', 'late_turn'],
  ['tiers.vip.targets.chat.threshold_s', 'tiers.*.targets.*.threshold_s'],
  ['groups.tiers.name_zh', 'groups.*.name_zh'],
  ['groups.g.tiers.vip', 'groups.*.tiers.*'],
  ['groups.g.overflow.to', 'groups.*.overflow.to'],
  ['hours.h.holidays.2026-10-01.open', 'hours.*.holidays.*.open'],
])('the kind of %s', (path, kind) => expect(kindOf(path)).toBe(kind))

it('finds nothing wrong with a good plan', () => expect(localProblems(fields)).toEqual([]))

it('tells at once what is out of range, missing, or no time', () => {
  expect(broken('tiers.vip.targets.chat.target_percent', 101)).toEqual([
    { path: 'tiers.vip.targets.chat.target_percent', code: 'out_of_range', about: '1 – 100' },
  ])
  expect(broken('tiers.vip.max_waiting', null)).toEqual([])
  expect(broken('groups.key.name_zh', ' ')[0]?.code).toBe('missing')
  expect(broken('hours.office.week.6', '18-9')[0]?.code).toBe('bad_time')
  expect(broken('hours.office.time_zone', 'Asia/Nowhere')[0]?.code).toBe('bad_zone')
})

it('keeps a number that is missing from the wire', () => {
  const problems = broken('wrap_up_s', null)
  expect(problems[0]?.code).toBe('missing')
  expect(isSendable(problems)).toBe(false)
  expect(isSendable(broken('wrap_up_s', 9999))).toBe(true)
})

it.each([
  ['15', 15],
  ['１５', 15],
  ['1,000', 1000],
  ['2.6', 3],
  ['', null],
  ['-1', undefined],
  ['ten', undefined],
])('reads the number %j', (text, number) => expect(numberOf(text, numbers.late_turn!)).toBe(number))

it.each([
  ['hours.office.week.3', 'hours.office.week.2'],
  ['hours.office.week.0.day', 'hours.office.week.1'],
  ['hours.office.holidays.0', 'hours.office.holidays.2026-10-01.open'],
  ['groups.key.widened.signed.after_s', 'groups.key.widened.signed'],
  ['members.a1.groups.key.level', 'members.a1.groups.key'],
  ['groups.key.overflow', 'groups.key.overflow'],
])('puts %s beside its field', (path, field) => expect(fieldPath(path, plan)).toBe(field))

it('says what both found once', () => {
  const one = { path: 'groups.key.widened.signed', code: 'out_of_range', about: '1 – 86400' } as const
  expect(allProblems([one], [{ ...one, path: `${one.path}.after_s` }], plan)).toHaveLength(1)
})

it.each([
  ['members.a1.groups', { section: 'agents', item: 'a1' }],
  ['tiers.vip', { section: 'tiers', item: 'vip' }],
  ['late_turn', { section: 'policy', item: null }],
])('%s is edited at', (path, place) => expect(placeOf(path)).toEqual(place))
