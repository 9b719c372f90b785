import { expect, it } from 'vitest'

import { atOf, localInput } from './moment'

it('is the same after it was written and read, to the minute', () => {
  const at_ms = new Date(2026, 2, 5, 9, 7).getTime()
  expect(localInput(at_ms)).toBe('2026-03-05T09:07')
  expect(atOf(localInput(at_ms + 30_000))).toBe(at_ms)
})

it('is nothing when the field is empty or half typed', () => {
  expect(localInput(null)).toBe('')
  expect([atOf(''), atOf('2026-13-45T99:00')]).toEqual([null, null])
})
