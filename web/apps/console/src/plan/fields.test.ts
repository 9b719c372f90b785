import { expect, it } from 'vitest'

import { areSame, areSpans, fieldsOf, patched, planOf, spansOf, spansText, without } from './fields'
import { plan } from './samples'

it('fields and plan say the same', () => {
  expect(planOf(fieldsOf(plan))).toEqual(plan)
})

it('names values in the words of the server', () => {
  const fields = fieldsOf(plan)
  expect(fields.get('tiers.vip.targets.chat.threshold_s')).toBe(15)
  expect(fields.get('groups.key.overflow.after_s')).toBe(60)
  expect(fields.get('members.a2.groups.key')).toBe(2)
  expect(fields.get('hours.office.week.1')).toBe('09:00–12:00, 13:00–18:00')
  expect(fields.get('hours.office.week.7')).toBe('')
})

it('takes a group away whole, and puts it back where it was', () => {
  const fields = fieldsOf(plan)
  const less = patched(fields, without(fields, 'groups.key'), fields)
  expect(planOf(less).groups.map((one) => one.code)).toEqual(['mass'])
  const back = patched(less, new Map([...fields].filter(([path]) => !less.has(path))), fields)
  expect(planOf(back)).toEqual(plan)
  expect(areSame(back, fields)).toBe(true)
  expect(areSame(less, fields)).toBe(false)
})

it.each([
  ['9-12, 13:30-18', '09:00–12:00, 13:30–18:00'],
  ['0930 至 1800', '09:30–18:00'],
  ['０８：００－１２：００', '08:00–12:00'],
  ['0:00 - 0:00', '00:00–24:00'],
  ['13-18 9-12', '09:00–12:00, 13:00–18:00'],
  ['', ''],
])('reads %s', (typed, shown) => {
  expect(areSpans(typed)).toBe(true)
  expect(spansText(spansOf(typed))).toBe(shown)
})

it.each(['9', '25-26', '9-9', '18-9', 'nine to five', '9-12-15'])('%s is no opening', (typed) => {
  expect(areSpans(typed)).toBe(false)
})
