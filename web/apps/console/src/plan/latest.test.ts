import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Latest } from './latest'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A slow judge whose answers come when the test says so. */
function judge() {
  const asked: {
    readonly value: string
    readonly answer: (text: string) => void
    readonly fail: () => void
  }[] = []
  const told: string[] = []
  const latest = new Latest<string, string>(
    (value) =>
      new Promise((resolve, reject) =>
        asked.push({ value, answer: resolve, fail: () => reject(new Error()) }),
      ),
    (value, answer) => told.push(`${value}: ${answer.status === 'fulfilled' ? answer.value : 'failed'}`),
    400,
  )
  return { latest, asked, told }
}

it('waits for a pause and asks about the last value', async () => {
  const { latest, asked, told } = judge()
  latest.give('a')
  await vi.advanceTimersByTimeAsync(399)
  latest.give('b')
  await vi.advanceTimersByTimeAsync(399)
  expect(asked).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(1)
  asked[0]!.answer('good')
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual(['b: good'])
})

it('asks one at a time; what was overtaken is not told', async () => {
  const { latest, asked, told } = judge()
  latest.give('a')
  await vi.advanceTimersByTimeAsync(400)
  latest.give('b')
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked.map(({ value }) => value)).toEqual(['a'])
  asked[0]!.answer('late')
  await vi.advanceTimersByTimeAsync(0)
  expect(asked.map(({ value }) => value)).toEqual(['a', 'b'])
  asked[1]!.fail()
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual(['b: failed'])
})

it('an answer that arrives within the pause after a newer value is dropped too', async () => {
  const { latest, asked, told } = judge()
  latest.give('a')
  await vi.advanceTimersByTimeAsync(400)
  latest.give('b')
  asked[0]!.answer('late')
  await vi.advanceTimersByTimeAsync(399)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  asked[1]!.answer('good')
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual(['b: good'])
})

it('tells nothing after a drop', async () => {
  const { latest, asked, told } = judge()
  latest.give('a')
  await vi.advanceTimersByTimeAsync(400)
  latest.drop()
  asked[0]!.answer('good')
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual([])
})
