import { expect, it } from 'vitest'

import { csvOf, pointAt } from './curve-points'

const points = [0.3, 0.5, 0.7].map((threshold) => ({
  threshold,
  answered_share: 1 - threshold,
  precision: null,
  rated: 0,
}))

it('finds what holds at a threshold', () => {
  expect(pointAt(points, 0.5)?.threshold).toBe(0.5)
  expect(pointAt(points, 0.51)?.threshold).toBe(0.7)
  expect(pointAt(points, 0.95)?.threshold).toBe(0.7)
  expect(pointAt([], 0.5)).toBeNull()
})

it('no cell is a formula, and commas and quotes stay in theirs', () => {
  expect(csvOf([['=1+1', 'a,b', 'say "x"', 3]])).toBe('\ufeff\'=1+1,"a,b","say ""x""",3\r\n')
})
