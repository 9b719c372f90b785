import type { AgentNotices, AgentRequests, Floor, Result } from '@wecc/protocol'
import { Connection, type Socket, Store } from '@wecc/realtime'
import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { CALM_MS, coalesce, useCalmly } from './coalesce'
import { floor, plan, queue } from './samples'
import { FloorWatch } from './watch'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('coalescing', () => {
  it('hands on the first at once, then the newest of each quarter second, and always the last', () => {
    const taken: number[] = []
    const give = coalesce<number>((value) => taken.push(value), CALM_MS)
    for (let at = 0; at < 100; at += 1) {
      give(at)
      vi.advanceTimersByTime(10)
    }
    vi.advanceTimersByTime(CALM_MS)
    expect(taken).toEqual([0, 24, 49, 74, 99])
    give(100)
    expect(taken.at(-1)).toBe(100)
  })

  it('forgets what waits when it is told to', () => {
    const taken: number[] = []
    const give = coalesce<number>((value) => taken.push(value), CALM_MS)
    give(1)
    give(2)
    give.cancel()
    vi.advanceTimersByTime(10 * CALM_MS)
    expect(taken).toEqual([1])
  })

  it('draws a store that changes all the time four times a second', () => {
    class Counter extends Store<number> {
      add = () => this.set(this.getSnapshot() + 1)
    }
    const counter = new Counter(0)
    let drawn = 0
    const Shown = () => {
      drawn += 1
      return String(useCalmly(counter))
    }
    const element = document.createElement('div')
    const root = createRoot(element)
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
    act(() => root.render(createElement(Shown)))
    drawn = 0
    for (let ms = 0; ms < 1_000; ms += 10)
      act(() => {
        counter.add()
        vi.advanceTimersByTime(10)
      })
    act(() => vi.advanceTimersByTime(CALM_MS))
    expect(drawn).toBeLessThanOrEqual(5)
    expect(element.textContent).toBe('100')
    act(() => root.unmount())
    vi.unstubAllGlobals()
  })
})

/** The server's side of the line, played by the test. */
class Server implements Socket {
  readonly asked: string[] = []
  floor: Floor = floor()
  isRefusing = false
  readonly #handlers = new Map<string, (argument: never) => void>()
  #notice: (name: string, payload: unknown) => void = () => {}

  connect() {}
  disconnect() {}
  on(event: string, handler: (argument: never) => void) {
    this.#handlers.set(event, handler)
  }
  onAny(handler: (name: string, payload: unknown) => void) {
    this.#notice = handler
  }
  emit(name: string, _: unknown, ack: (result: Result<unknown>) => void) {
    this.asked.push(name)
    if (this.isRefusing)
      return ack({ ok: false, error: { code: 'internal', message: '', retryable: false, data: {} } })
    ack({
      ok: true,
      data: name === 'floor:watch' ? this.floor : { version: {}, plan: plan({}, {}), agents: [] },
    })
  }

  accept() {
    this.#handlers.get('connect')!(undefined as never)
  }
  drop() {
    this.#handlers.get('disconnect')!(undefined as never)
  }
  tell(name: string, payload: unknown) {
    this.#notice(name, payload)
  }
}

describe('watching', () => {
  const settle = () => vi.advanceTimersByTimeAsync(0)
  const setup = async () => {
    const server = new Server()
    const line = new Connection<AgentRequests, AgentNotices>({ namespace: '/agent', socket: server })
    const watch = new FloorWatch(line)
    const stop = watch.start()
    line.open()
    server.accept()
    await settle()
    return { server, line, watch, stop }
  }
  const at = (at_ms: number, waiting: number) => floor({ at_ms, queues: [queue('vip', { waiting })] })
  const waitingOf = (watch: FloorWatch) => watch.getSnapshot().floor?.queues[0]?.waiting

  it('shows what the server says, at most four times a second', async () => {
    const { server, watch } = await setup()
    let changes = 0
    watch.subscribe(() => (changes += 1))
    for (let n = 1; n <= 100; n += 1) {
      server.tell('floor:changed', at(1_000_000 + n, n))
      vi.advanceTimersByTime(10)
    }
    vi.advanceTimersByTime(CALM_MS)
    expect(changes).toBe(5)
    expect(waitingOf(watch)).toBe(100)
  })

  it('never goes back to an older floor', async () => {
    const { server, watch } = await setup()
    server.tell('floor:changed', at(1_000_500, 2))
    vi.advanceTimersByTime(CALM_MS)
    server.tell('floor:changed', at(1_000_400, 1))
    vi.advanceTimersByTime(CALM_MS)
    expect(waitingOf(watch)).toBe(2)
  })

  it('says since when its figures are old, and watches again after a reconnect', async () => {
    const { server, watch } = await setup()
    expect(watch.getSnapshot()).toMatchObject({ asOf_ms: null, round: 1 })
    server.drop()
    expect(watch.getSnapshot().asOf_ms).not.toBeNull()
    server.tell('floor:changed', at(1_000_900, 9))
    vi.advanceTimersByTime(CALM_MS)
    expect(waitingOf(watch)).toBe(0)
    server.floor = at(900_000, 4) // another server's clock may be behind
    server.accept()
    await settle()
    expect(watch.getSnapshot()).toMatchObject({ asOf_ms: null, round: 2 })
    expect(waitingOf(watch)).toBe(4)
    expect(server.asked.filter((name) => name === 'floor:watch')).toHaveLength(2)
  })

  it('keeps the old figures as old ones when it cannot watch again, and says why', async () => {
    const { server, watch } = await setup()
    server.drop()
    server.isRefusing = true
    server.accept()
    await settle()
    expect(watch.getSnapshot()).toMatchObject({ error: { code: 'internal' } })
    expect(watch.getSnapshot().asOf_ms).not.toBeNull()
    server.isRefusing = false
    await watch.watch()
    expect(watch.getSnapshot()).toMatchObject({ error: null, asOf_ms: null })
  })

  it('reads the plan again when another is in force', async () => {
    const { server } = await setup()
    server.tell('plan:changed', {})
    await settle()
    expect(server.asked.filter((name) => name === 'plan:read')).toHaveLength(2)
  })

  it('ends with an unwatch, and hears nothing more', async () => {
    const { server, watch, stop } = await setup()
    stop()
    expect(server.asked.at(-1)).toBe('floor:unwatch')
    server.tell('floor:changed', at(2_000_000, 7))
    vi.advanceTimersByTime(CALM_MS)
    expect(waitingOf(watch)).toBe(0)
  })
})
