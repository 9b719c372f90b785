import type { Floor, FloorHistory, QueueHistory } from '@wecc/protocol'

export const spans_min = [30, 60, 240] as const
export type Span = (typeof spans_min)[number]

export const queueKey = ({ tier, channel }: { readonly tier: string; readonly channel: string }): string =>
  `${tier}/${channel}`

/**
 * The history with the floor as it is now at its end. The end moves until it is a step away from the sample
 * before it; then it stays as a sample, and a new end begins. What is older than the span is let go.
 */
export function continued(history: FloorHistory, floor: Floor, span: Span): FloorHistory {
  const known = new Map(history.queues.map((one) => [queueKey(one), one]))
  for (const queue of floor.queues) {
    const key = queueKey(queue)
    const { tier, channel, target } = queue
    const past = known.get(key) ?? { tier, channel, target, at_ms: [], rate: [], waiting: [] }
    const point = {
      at_ms: floor.at_ms,
      rate: queue.asked > 0 ? queue.rate : null,
      waiting: queue.waiting,
    }
    known.set(key, { ...withEnd(past, point, history.step_s * 1000, span * 60_000), target })
  }
  return { ...history, queues: [...known.values()] }
}

interface Point {
  readonly at_ms: number
  readonly rate: number | null
  readonly waiting: number
}

function withEnd(past: QueueHistory, point: Point, step_ms: number, span_ms: number): QueueHistory {
  const last = past.at_ms.at(-1) ?? -Infinity
  const before = past.at_ms.at(-2) ?? -Infinity
  if (point.at_ms <= last) return past
  const stay = last - before < step_ms ? past.at_ms.length - 1 : past.at_ms.length
  const from = past.at_ms.findIndex((at) => at >= point.at_ms - span_ms)
  const first = from === -1 ? stay : Math.min(from, stay)
  return {
    ...past,
    at_ms: [...past.at_ms.slice(first, stay), point.at_ms],
    rate: [...past.rate.slice(first, stay), point.rate],
    waiting: [...past.waiting.slice(first, stay), point.waiting],
  }
}

/** The scales all small charts share, so that they can be compared. Percent from a round number up to 100. */
export interface Scales {
  readonly from_ms: number
  readonly to_ms: number
  readonly rateFrom: number
  readonly waitingTo: number
}

export function scalesOf(queues: readonly QueueHistory[], span: Span, now_ms: number): Scales {
  const rates = queues.flatMap(({ rate, target }) => [target, ...rate.filter((one) => one !== null)])
  const lowest = rates.reduce((low, one) => Math.min(low, one), 100)
  const waiting = queues.reduce((most, one) => one.waiting.reduce((a, b) => Math.max(a, b), most), 0)
  return {
    from_ms: now_ms - span * 60_000,
    to_ms: now_ms,
    rateFrom: Math.max(0, Math.floor((lowest - 5) / 20) * 20),
    waitingTo: Math.max(4, Math.ceil(waiting / 2) * 2),
  }
}

/** Beside a small chart's plot: the axis' numbers, and room for its end. */
export const PLOT_PX = { left: 30, right: 6 } as const

/** The moment drawn at `x_px` of a chart `width_px` wide; null beside the plot. */
export function momentAt(x_px: number, width_px: number, { from_ms, to_ms }: Scales): number | null {
  const share = (x_px - PLOT_PX.left) / (width_px - PLOT_PX.left - PLOT_PX.right)
  return share >= 0 && share <= 1 ? from_ms + share * (to_ms - from_ms) : null
}

/** The value at, or the last one before, a moment; null before the first. */
export function valueAt<T>(at_ms: readonly number[], values: readonly T[], moment_ms: number): T | null {
  const after = at_ms.findIndex((one) => one > moment_ms)
  const at = after === -1 ? at_ms.length - 1 : after - 1
  return at < 0 ? null : values[at]!
}

/** Moments for a table of the history, evenly spaced, the newest first. */
export const momentsOf = (scales: Scales, count = 12): readonly number[] =>
  Array.from({ length: count }, (_, at) => scales.to_ms - (at * (scales.to_ms - scales.from_ms)) / count)
