import type { Nothing, Result } from '@wecc/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { Connection, type Socket } from './connection'
import type { WeccError } from './error'

interface Sent {
  readonly name: string
  readonly payload: unknown
  readonly ack: (result: Result<unknown>) => void
}

/** The network's side of the line, played by the test. */
class Line implements Socket {
  readonly sent: Sent[] = []
  attempts = 0
  isConnected = false
  readonly #handlers = new Map<string, (argument: never) => void>()
  #notice: (name: string, payload: unknown) => void = () => {}

  connect() {
    this.attempts += 1
  }
  disconnect() {
    if (this.isConnected) this.drop()
  }
  on(event: string, handler: (argument: never) => void) {
    this.#handlers.set(event, handler)
  }
  onAny(handler: (name: string, payload: unknown) => void) {
    this.#notice = handler
  }
  emit(name: string, payload: unknown, ack: (result: Result<unknown>) => void) {
    this.sent.push({ name, payload, ack })
  }

  accept() {
    this.isConnected = true
    this.#handlers.get('connect')!(undefined as never)
  }
  drop() {
    this.isConnected = false
    this.#handlers.get('disconnect')!(undefined as never)
  }
  refuse(code?: string) {
    this.#handlers.get('connect_error')!(
      Object.assign(new Error('refused'), code ? { data: { code } } : {}) as never,
    )
  }
  tell(name: string, payload: unknown = {}) {
    this.#notice(name, payload)
  }
  get names() {
    return this.sent.map(({ name }) => name)
  }
}

interface TestRequests {
  resume: { takes: Nothing; answers: number }
  say: { takes: { text: string }; answers: string }
}
interface TestNotices {
  'session:ended': { cause: string }
  heard: { text: string }
}

const setup = () => {
  const line = new Line()
  const connection = new Connection<TestRequests, TestNotices>({ namespace: '/visitor', socket: line })
  const kinds: string[] = []
  connection.subscribe(() => kinds.push(connection.getSnapshot().kind))
  return { line, connection, kinds }
}

const failure = async (promise: Promise<unknown>): Promise<WeccError> =>
  promise.then(
    () => expect.unreachable(),
    (error: WeccError) => error,
  )

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('requests', () => {
  it('are answered', async () => {
    const { line, connection } = setup()
    connection.open()
    line.accept()
    const answer = connection.request('say', { text: 'a' })
    line.sent[0]!.ack({ ok: true, data: 'b' })
    expect(await answer).toBe('b')
  })

  it('fail with the server’s error', async () => {
    const { line, connection } = setup()
    connection.open()
    line.accept()
    const answer = connection.request('say', { text: 'a' })
    line.sent[0]!.ack({
      ok: false,
      error: { code: 'conversation.closed', message: 'closed', retryable: false, data: { a: 1 } },
    })
    expect(await failure(answer)).toMatchObject({
      code: 'conversation.closed',
      retryable: false,
      data: { a: 1 },
    })
  })

  it('wait for the line, behind the hooks', async () => {
    const { line, connection } = setup()
    connection.onReady(() => connection.request('resume', {}))
    connection.open()
    void connection.request('say', { text: 'a' })
    expect(line.sent).toEqual([])
    line.accept()
    expect(line.names).toEqual(['resume'])
    expect(connection.getSnapshot().kind).toBe('connecting')
    line.sent[0]!.ack({ ok: true, data: 1 })
    await vi.advanceTimersByTimeAsync(0)
    expect(line.names).toEqual(['resume', 'say'])
    expect(connection.getSnapshot().kind).toBe('online')
  })

  it('time out, also while waiting for the line, and are then not sent', async () => {
    const { line, connection } = setup()
    connection.open()
    const error = failure(connection.request('say', { text: 'a' }, { timeoutMs: 1_000 }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await error).toMatchObject({ code: 'client.timeout', retryable: true })
    line.accept()
    await vi.advanceTimersByTimeAsync(0)
    expect(line.sent).toEqual([])
  })

  it('whose answer may be lost fail at once, and a late answer is nothing', async () => {
    const { line, connection } = setup()
    connection.open()
    line.accept()
    const error = failure(connection.request('say', { text: 'a' }))
    line.drop()
    expect(await error).toMatchObject({ code: 'client.connection_lost', retryable: true })
    line.sent[0]!.ack({ ok: true, data: 'late' })
  })
})

describe('the state', () => {
  it('tells a loss and the next attempt; comes back within the jitter', async () => {
    const { line, connection, kinds } = setup()
    connection.open()
    line.accept()
    await vi.advanceTimersByTimeAsync(0)
    line.drop()
    const state = connection.getSnapshot()
    expect(state).toMatchObject({ kind: 'reconnecting', since_ms: Date.now() })
    const delay_ms = 'next_attempt_ms' in state ? state.next_attempt_ms! - Date.now() : 0
    expect(delay_ms).toBeGreaterThanOrEqual(500)
    expect(delay_ms).toBeLessThanOrEqual(1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(line.attempts).toBe(2)
    line.accept()
    await vi.advanceTimersByTimeAsync(0)
    expect(kinds).toEqual(['connecting', 'online', 'reconnecting', 'reconnecting', 'online'])
  })

  it('keeps trying with at most 5 s between', async () => {
    const { line, connection } = setup()
    connection.open()
    for (let i = 1; i <= 20; i += 1) {
      expect(line.attempts).toBe(i)
      line.refuse(i % 2 ? 'service.unavailable' : undefined)
      await vi.advanceTimersByTimeAsync(5_000)
    }
  })

  it('gives up an attempt that hangs', async () => {
    const { line, connection } = setup()
    connection.open()
    await vi.advanceTimersByTimeAsync(11_001)
    expect(line.attempts).toBe(2)
  })

  it('hurries when the browser finds the network again', async () => {
    const { line, connection } = setup()
    connection.open()
    line.refuse()
    globalThis.dispatchEvent(new Event('online'))
    expect(line.attempts).toBe(2)
    connection.close()
    globalThis.dispatchEvent(new Event('online'))
    expect(line.attempts).toBe(2)
  })

  it('says offline when the browser says so, and tries on', async () => {
    const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    const { line, connection } = setup()
    connection.open()
    line.refuse()
    expect(connection.getSnapshot()).toMatchObject({ kind: 'offline' })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(line.attempts).toBe(2)
    onLine.mockRestore()
  })

  it.each(['session.required', 'request.forbidden'])('ends on %s without trying again', async (code) => {
    const { line, connection } = setup()
    connection.open()
    line.refuse(code)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(connection.getSnapshot()).toEqual({ kind: 'ended', cause: code })
    expect(line.attempts).toBe(1)
    expect((await failure(connection.request('say', { text: 'a' }))).code).toBe('client.connection_lost')
  })

  it('ends when the server ends the session, and may be opened again', async () => {
    const { line, connection } = setup()
    const causes: string[] = []
    connection.on('session:ended', ({ cause }) => causes.push(cause))
    connection.open()
    line.accept()
    line.tell('session:ended', { cause: 'elsewhere' })
    line.drop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(connection.getSnapshot()).toEqual({ kind: 'ended', cause: 'elsewhere' })
    expect(causes).toEqual(['elsewhere'])
    connection.open()
    line.accept()
    await vi.advanceTimersByTimeAsync(0)
    expect(connection.getSnapshot().kind).toBe('online')
  })

  it('a hook that fails is a failed attempt', async () => {
    const { line, connection } = setup()
    let fails = 1
    connection.onReady(async () => {
      if (fails-- > 0) throw new Error('resume failed')
    })
    connection.open()
    line.accept()
    await vi.advanceTimersByTimeAsync(0)
    expect(connection.getSnapshot().kind).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(1_000)
    line.accept()
    await vi.advanceTimersByTimeAsync(0)
    expect(connection.getSnapshot().kind).toBe('online')
  })
})

describe('notices', () => {
  it('reach those who listen, until they stop', () => {
    const { line, connection } = setup()
    const heard: string[] = []
    const stop = connection.on('heard', ({ text }) => heard.push(text))
    connection.open()
    line.accept()
    line.tell('heard', { text: 'a' })
    stop()
    line.tell('heard', { text: 'b' })
    expect(heard).toEqual(['a'])
  })

  it('that were lost run the hooks again, once for many', async () => {
    const { line, connection } = setup()
    const hook = vi.fn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100))
    })
    connection.onReady(hook)
    connection.open()
    line.accept()
    await vi.advanceTimersByTimeAsync(100)
    for (let i = 0; i < 5; i += 1) line.tell('session:resync_needed')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(hook.mock.calls.length).toBeGreaterThanOrEqual(2)
    expect(hook.mock.calls.length).toBeLessThanOrEqual(3)
  })
})
