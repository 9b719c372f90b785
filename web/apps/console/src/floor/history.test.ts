import type { FloorHistory, QueueHistory } from '@wecc/protocol'
import { describe, expect, it } from 'vitest'

import { continued, momentAt, momentsOf, scalesOf, valueAt } from './history'
import { floor, queue } from './samples'

const MINUTE_MS = 60_000
const START_MS = 100 * MINUTE_MS

const past = (change: Partial<QueueHistory> = {}): QueueHistory => ({
  tier: 'vip',
  channel: 'chat',
  target: 95,
  at_ms: [START_MS, START_MS + MINUTE_MS],
  rate: [90, 91],
  waiting: [0, 1],
  ...change,
})
const history = (queues: readonly QueueHistory[] = [past()]): FloorHistory => ({ step_s: 60, queues })

const now = (at_ms: number, change: Parameters<typeof queue>[1] = {}) =>
  floor({ at_ms, queues: [queue('vip', change)] })

describe('a history goes on', () => {
  it('its end moves until it is a step away from the sample before, then stays', () => {
    let all = history()
    const at = (s: number) => START_MS + MINUTE_MS + s * 1000
    all = continued(all, now(at(10), { rate: 92 }), 60)
    all = continued(all, now(at(40), { rate: 93 }), 60)
    expect(all.queues[0]!.at_ms).toEqual([START_MS, at(0), at(40)])
    all = continued(all, now(at(60), { rate: 94 }), 60)
    all = continued(all, now(at(61), { rate: 95 }), 60)
    expect(all.queues[0]!.at_ms).toEqual([START_MS, at(0), at(60), at(61)])
    expect(all.queues[0]!.rate).toEqual([90, 91, 94, 95])
  })

  it('a rate that says nothing is a hole', () => {
    const all = continued(history(), now(START_MS + 2 * MINUTE_MS, { asked: 0, waiting: 3 }), 60)
    expect(all.queues[0]!.rate.at(-1)).toBeNull()
    expect(all.queues[0]!.waiting.at(-1)).toBe(3)
  })

  it('what is older than the span goes; what is late is not taken', () => {
    const all = continued(history(), now(START_MS + 30.5 * MINUTE_MS), 30)
    expect(all.queues[0]!.at_ms).toEqual([START_MS + MINUTE_MS, START_MS + 30.5 * MINUTE_MS])
    expect(continued(all, now(START_MS), 30).queues[0]).toMatchObject({ at_ms: all.queues[0]!.at_ms })
  })

  it('after hours without news only the end is left', () => {
    const all = continued(history(), now(START_MS + 500 * MINUTE_MS), 30)
    expect(all.queues[0]!.at_ms).toEqual([START_MS + 500 * MINUTE_MS])
  })

  it('a new queue begins, and a changed target is drawn', () => {
    const all = continued(history([]), now(START_MS, { target: 80 }), 30)
    expect(all.queues).toEqual([
      { tier: 'vip', channel: 'chat', target: 80, at_ms: [START_MS], rate: [90], waiting: [0] },
    ])
  })
})

it('all charts share scales that hold every value', () => {
  const queues = [past(), past({ tier: 'szx', target: 70, rate: [null, 63], waiting: [7, 2] })]
  expect(scalesOf(queues, 30, START_MS)).toEqual({
    from_ms: START_MS - 30 * MINUTE_MS,
    to_ms: START_MS,
    rateFrom: 40,
    waitingTo: 8,
  })
  expect(scalesOf([], 30, START_MS)).toMatchObject({ rateFrom: 80, waitingTo: 4 })
})

it('the pointer reads the moment under it', () => {
  const scales = { from_ms: 1_000, to_ms: 2_000, rateFrom: 0, waitingTo: 4 }
  expect(momentAt(30, 236, scales)).toBe(1_000)
  expect(momentAt(130, 236, scales)).toBe(1_500)
  expect(momentAt(230, 236, scales)).toBe(2_000)
  expect(momentAt(29, 236, scales)).toBeNull()
  expect(momentAt(231, 236, scales)).toBeNull()
})

it('a table of it has the value that was true at each moment', () => {
  const { at_ms, rate } = past()
  expect(valueAt(at_ms, rate, START_MS - 1)).toBeNull()
  expect(valueAt(at_ms, rate, START_MS)).toBe(90)
  expect(valueAt(at_ms, rate, START_MS + 99 * MINUTE_MS)).toBe(91)
  expect(momentsOf({ from_ms: 0, to_ms: 60, rateFrom: 0, waitingTo: 0 }, 3)).toEqual([60, 40, 20])
})
