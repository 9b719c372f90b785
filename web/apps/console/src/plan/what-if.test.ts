import type { AgentNotices, AgentRequests, Result, WhatIfChanged } from '@wecc/protocol'
import { Connection, type Socket } from '@wecc/realtime'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { fieldsOf } from './fields'
import { plan } from './samples'
import { WhatIf } from './what-if'

const told = (change: Partial<WhatIfChanged> = {}): WhatIfChanged => ({
  id: 'w1',
  day: '2026-11-22',
  requests: 900,
  progress: 0,
  is_over: false,
  failure: '',
  now: null,
  then: null,
  ...change,
})
const figures = {
  tiers: [],
  tiers_met: 8,
  worst_gap_pp: 1,
  wait_mean_s: 1,
  wait_p99_s: 1,
  wait_max_s: 1,
  abandoned_percent: 1,
  late_decisions_percent: 1,
  occupancy_percent: 1,
}

/** The server: starts one replay, when the test says so, and tells of it. */
class Server implements Socket {
  stopped: unknown[] = []
  answer: (response: Response) => void = () => {}
  tell: (name: string, payload: unknown) => void = () => {}
  #connected: () => void = () => {}

  readonly fetch = () => new Promise<Response>((resolve) => (this.answer = resolve))

  connect() {
    this.#connected()
  }
  disconnect() {}
  on(event: string, handler: (argument: never) => void) {
    if (event === 'connect') this.#connected = handler as () => void
  }
  onAny(handler: (name: string, payload: unknown) => void) {
    this.tell = handler
  }
  emit(name: string, payload: unknown, ack: (result: Result<unknown>) => void) {
    if (name === 'whatif:stop') this.stopped.push(payload)
    ack({ ok: true, data: {} })
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function started() {
  const server = new Server()
  vi.stubGlobal('fetch', server.fetch)
  const line = new Connection<AgentRequests, AgentNotices>({ namespace: '/agent', socket: server })
  line.open()
  const whatIf = new WhatIf(line)
  void whatIf.start(plan, fieldsOf(plan), 3, '')
  await vi.advanceTimersByTimeAsync(0)
  const answer = async (response: unknown, status = 200) => {
    server.answer(Response.json(response, { status }))
    await vi.advanceTimersByTimeAsync(0)
  }
  return { server, whatIf, answer, hear: (change: WhatIfChanged) => server.tell('whatif:changed', change) }
}

it('goes from progress to both results', async () => {
  const { whatIf, answer, hear } = await started()
  await answer(told())
  hear(told({ progress: 0.4 }))
  hear(told({ id: 'other', progress: 0.9 }))
  expect(whatIf.getSnapshot()).toMatchObject({ progress: 0.4, isOver: false, day: '2026-11-22' })
  hear(told({ progress: 1, is_over: true, now: figures, then: figures }))
  expect(whatIf.getSnapshot()).toMatchObject({ isOver: true, failure: '', then: { tiers_met: 8 } })
})

it('does not miss what was told before the start was answered', async () => {
  const { whatIf, answer, hear } = await started()
  hear(told({ progress: 1, is_over: true, failure: 'failed' }))
  await answer(told())
  expect(whatIf.getSnapshot()).toMatchObject({ id: 'w1', isOver: true, failure: 'failed' })
})

it('stops, also when the start is answered only afterwards', async () => {
  const first = await started()
  await first.answer(told())
  first.whatIf.clear()
  expect(first.whatIf.getSnapshot()).toBeNull()
  expect(first.server.stopped).toEqual([{ id: 'w1' }])
  const second = await started()
  second.whatIf.clear()
  await second.answer(told())
  expect(second.server.stopped).toEqual([{ id: 'w1' }])
  expect(second.whatIf.getSnapshot()).toBeNull()
})

it('says why it did not start, and when nothing is heard any more', async () => {
  const refused = await started()
  await refused.answer({ code: 'plan.invalid', title: '' }, 422)
  expect(refused.whatIf.getSnapshot()).toMatchObject({ isOver: true, failure: 'plan.invalid' })
  const silent = await started()
  await silent.answer(told())
  await vi.advanceTimersByTimeAsync(29_000)
  silent.hear(told({ progress: 0.1 }))
  await vi.advanceTimersByTimeAsync(29_000)
  expect(silent.whatIf.getSnapshot()).toMatchObject({ isOver: false })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(silent.whatIf.getSnapshot()).toMatchObject({ isOver: true, failure: 'lost' })
})
