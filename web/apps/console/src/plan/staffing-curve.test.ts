import { expect, it } from 'vitest'

import { check } from './samples'
import { interpolated } from './staffing-curve'

it.each([
  [8, 62.5],
  [309, 97.1],
  [1000, 97.1],
])('%i agents are on the curve', (agents, percent) =>
  expect(interpolated(check.staffing, agents)).toBeCloseTo(percent),
)

it('between two points it rises', () => {
  const [ten, eleven, twelve] = [10, 11, 12].map((agents) => interpolated(check.staffing, agents))
  expect(ten).toBeGreaterThan(62.5)
  expect(eleven).toBeGreaterThan(ten!)
  expect(twelve).toBeGreaterThan(eleven!)
  expect(twelve).toBeLessThan(71.4)
})
