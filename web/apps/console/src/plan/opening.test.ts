import { expect, it } from 'vitest'

import { fieldsOf, type Leaf, patched } from './fields'
import { openingOf } from './opening'
import { plan } from './samples'

const base = fieldsOf(plan)
const edited = (...entries: [string, Leaf | undefined][]) => patched(base, new Map(entries), base)
/** A moment on the clock of Shanghai. */
const there = (text: string) => Date.parse(`${text}+08:00`)

it.each([
  ['2026-09-28T10:00', { isOpen: true, until_ms: there('2026-09-28T12:00') }],
  ['2026-09-28T12:00', { isOpen: false, next_ms: there('2026-09-28T13:00'), holiday: '' }],
  ['2026-09-28T18:00', { isOpen: false, next_ms: there('2026-09-29T09:00'), holiday: '' }],
  ['2026-09-26T10:00', { isOpen: false, next_ms: there('2026-09-28T09:00'), holiday: '' }],
  ['2026-10-01T10:00', { isOpen: false, next_ms: there('2026-10-02T09:00'), holiday: '国庆节' }],
])('on %s', (at, opening) => expect(openingOf(base, 'office', there(at))).toEqual(opening))

it('a holiday may have hours of its own', () => {
  const fields = edited(['hours.office.holidays.2026-10-01.open', '10:00–14:00'])
  expect(openingOf(fields, 'office', there('2026-10-01T13:30'))).toMatchObject({ isOpen: true })
})

it('goes by the clock there, through the change to summer time', () => {
  const fields = edited(['hours.office.time_zone', 'Europe/Berlin'], ['hours.office.week.1', '09:00–18:00'])
  // 28 March 2026, a Saturday; the clocks change on Sunday.
  expect(openingOf(fields, 'office', Date.parse('2026-03-28T12:00Z'))).toMatchObject({
    next_ms: Date.parse('2026-03-30T07:00Z'),
  })
})

it('round the clock is one opening that ends when it really ends', () => {
  const fields = edited(['hours.office.week.1', '00:00–24:00'], ['hours.office.week.2', '00:00–08:00'])
  expect(openingOf(fields, 'office', there('2026-09-28T10:00'))).toEqual({
    isOpen: true,
    until_ms: there('2026-09-29T08:00'),
  })
})

it('says when it never opens, and nothing for a zone that is none', () => {
  const days = [1, 2, 3, 4, 5].map((day): [string, Leaf] => [`hours.office.week.${day}`, ''])
  expect(openingOf(edited(...days), 'office', 0)).toEqual({ isOpen: false, next_ms: null, holiday: '' })
  expect(openingOf(edited(['hours.office.time_zone', 'Asia/Nowhere']), 'office', 0)).toBeNull()
})
