import type { LogPage, MessageEvent } from '@wecc/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { LogReader } from './log-reader'

/** A log as the server keeps it; some seqs are for agents only, so a visitor's `prev` skips them. */
class ServerLog {
  readonly events: MessageEvent[] = []
  #seq = 0

  append(isVisible = true): MessageEvent | null {
    this.#seq += 1
    if (!isVisible) return null
    const event: MessageEvent = {
      seq: this.#seq,
      prev: this.events.at(-1)?.seq ?? 0,
      at_ms: this.#seq * 1000,
      sender: { kind: 'agent', id: 'a1', name: '小李' },
      client_id: `client-${this.#seq}`,
      kind: 'message',
      body: { text: `第 ${this.#seq} 条`, attachments: [] },
    }
    this.events.push(event)
    return event
  }

  page(query: { after_seq?: number; before_seq?: number }, limit = 5): LogPage {
    const { after_seq, before_seq } = query
    const events =
      after_seq !== undefined
        ? this.events.filter((e) => e.seq > after_seq).slice(0, limit)
        : this.events.filter((e) => e.seq < (before_seq ?? Infinity)).slice(-limit)
    return { events, last_seq: this.events.at(-1)?.seq ?? 0, first_seq: this.events[0]?.seq ?? 0 }
  }
}

const seqs = (events: readonly { seq: number }[]) => events.map((e) => e.seq)

/** Park–Miller: the same numbers at every run. */
const randomFrom = (seed: number) => (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('whatever happens to the notices', () => {
  it.each(Array.from({ length: 150 }, (_, i) => i + 1))(
    'the list is the server’s (seed %i)',
    async (seed) => {
      const random = randomFrom(seed)
      const server = new ServerLog()
      const reader = new LogReader(async (query) => {
        await new Promise((resolve) => setTimeout(resolve, random(50)))
        if (random(6) === 0) throw new Error('connection lost')
        return server.page(query, 1 + random(6))
      })
      let shown: readonly { seq: number; prev: number }[] = []
      reader.subscribe(() => {
        const { events } = reader.getSnapshot()
        for (const [i, event] of events.entries()) if (i > 0) expect(event.prev).toBe(events[i - 1]!.seq)
        if (shown.length) expect(seqs(events)).toEqual(expect.arrayContaining(seqs(shown)))
        shown = events
      })

      for (let i = 0; i < random(12); i += 1) server.append(random(4) > 0)
      const late: MessageEvent[] = []
      let isAccepted = false
      for (let step = 0; step < 60; step += 1) {
        const event = server.append(random(4) > 0)
        if (event && random(4) > 0) late.splice(random(late.length + 1), 0, event) // else the notice is lost
        while (late.length && random(3) > 0) {
          const notice = late.shift()!
          reader.apply(notice)
          if (random(4) === 0) late.splice(random(late.length + 1), 0, notice) // doubled
        }
        if (random(10) === 0 || (!isAccepted && random(3) === 0)) {
          reader.accept(server.page({}))
          isAccepted = true
        }
        await vi.advanceTimersByTimeAsync(random(60))
      }
      reader.accept(server.page({})) // a reconnect tells the newest
      await vi.advanceTimersByTimeAsync(60_000)
      expect(reader.getSnapshot().isBehind).toBe(false)

      for (let tries = 0; reader.getSnapshot().hasEarlier && tries < 500; tries += 1) {
        const loading = reader.loadEarlier().catch(() => {})
        await vi.advanceTimersByTimeAsync(100)
        await loading
      }
      expect(reader.getSnapshot().events).toEqual(server.events)
      reader.close()
    },
  )
})

describe('a gap', () => {
  it('is read before what follows it is shown', async () => {
    const server = new ServerLog()
    for (let i = 0; i < 4; i += 1) server.append()
    const read = vi.fn(async (query: { after_seq: number } | { before_seq: number }) => server.page(query))
    const reader = new LogReader(read)
    reader.accept({ ...server.page({}), events: server.events.slice(0, 2), last_seq: 2 })

    reader.apply(server.events[3]!)
    expect(reader.getSnapshot()).toMatchObject({ isBehind: true, cursor: 2 })
    expect(seqs(reader.getSnapshot().events)).toEqual([1, 2])
    await vi.runAllTimersAsync()
    expect(read.mock.calls).toEqual([[{ after_seq: 2 }]])
    expect(seqs(reader.getSnapshot().events)).toEqual([1, 2, 3, 4])
  })

  it('that cannot be read is tried again, not spun on', async () => {
    const server = new ServerLog()
    for (let i = 0; i < 3; i += 1) server.append()
    const read = vi.fn(async () => ({ events: [], last_seq: 3, first_seq: 1 }))
    const reader = new LogReader(read)
    reader.accept({ events: server.events.slice(0, 1), last_seq: 1, first_seq: 1 })
    reader.apply(server.events[2]!)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(read.mock.calls.length).toBeLessThanOrEqual(3)
    reader.accept(server.page({}))
    expect(seqs(reader.getSnapshot().events)).toEqual([1, 2, 3])
    reader.close()
  })

  it('is none where an event was for agents only', () => {
    const server = new ServerLog()
    server.append()
    server.append(false)
    server.append()
    const read = vi.fn()
    const reader = new LogReader(read)
    reader.accept({ events: server.events.slice(0, 1), last_seq: 1, first_seq: 1 })
    reader.apply(server.events[1]!)
    expect(seqs(reader.getSnapshot().events)).toEqual([1, 3])
    expect(read).not.toHaveBeenCalled()
  })
})

it('changes its snapshot only when something changed', () => {
  const server = new ServerLog()
  server.append()
  const reader = new LogReader(async (query) => server.page(query))
  reader.accept(server.page({}))
  const snapshot = reader.getSnapshot()
  reader.apply(server.events[0]!)
  reader.accept(server.page({}))
  expect(reader.getSnapshot()).toBe(snapshot)
})
