import type { Requests, Result } from '@wecc/protocol'
import { io } from 'socket.io-client'

import { WeccError } from './error'
import { Store } from './store'

/**
 * `connecting`: the first attempt. `online`: connected, resumed. `reconnecting`: was lost; `next_attempt_ms`
 * is null while an attempt is under way. `offline`: not opened yet, or the browser says that there is no
 * network (attempts go on). `ended`: will not come back by itself; `cause` is the server's or an error code.
 */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  | { readonly kind: 'reconnecting'; readonly since_ms: number; readonly next_attempt_ms: number | null }
  | { readonly kind: 'offline'; readonly since_ms: number; readonly next_attempt_ms: number | null }
  | { readonly kind: 'ended'; readonly cause: string }

/** What a connection needs of a Socket.IO client socket that does not reconnect by itself. */
export interface Socket {
  connect(): unknown
  disconnect(): unknown
  on(event: 'connect' | 'disconnect', handler: () => void): unknown
  on(event: 'connect_error', handler: (error: Error & { data?: unknown }) => void): unknown
  onAny(handler: (name: string, payload: unknown) => void): unknown
  emit(name: string, payload: unknown, ack: (result: Result<unknown>) => void): unknown
}

export interface ConnectionOptions {
  readonly namespace: '/visitor' | '/agent'
  /** Asked at every attempt. */
  readonly auth?: () => Record<string, unknown>
  /** The server's origin; the page's own by default. */
  readonly origin?: string
  readonly socket?: Socket
}

export interface RequestOptions {
  /** Waiting for a connection counts. 10 s by default. */
  readonly timeoutMs?: number
}

type ReadyHook = () => Promise<unknown> | void

interface Pending {
  readonly send: () => void
  readonly fail: (error: WeccError) => void
}

const RETRY_FIRST_MS = 500
const RETRY_MAX_MS = 5_000
const ATTEMPT_TIMEOUT_MS = 10_000

const lost = () => new WeccError({ code: 'client.connection_lost', retryable: true })

/**
 * A live line to the server: requests that are answered or fail, notices, and an honest state.
 *
 * Requests made while the line is down wait for it (up to their timeout); requests whose answer may be lost
 * fail with `client.connection_lost` and are for the caller to repeat.
 */
export class Connection<R extends Requests<R>, N extends object> extends Store<ConnectionState> {
  readonly #socket: Socket
  readonly #handlers = new Map<string, Set<(payload: never) => void>>()
  readonly #hooks = new Set<ReadyHook>()
  readonly #waiting = new Set<Pending>()
  readonly #inFlight = new Set<Pending>()
  #isConnected = false
  #failures = 0
  #round = 0 // counts connects and drops: a hook of an older round has no say
  #lostSince_ms: number | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #resyncing: Promise<void> | null = null
  #resyncAgain = false

  constructor(options: ConnectionOptions) {
    super({ kind: 'offline', since_ms: Date.now(), next_attempt_ms: null })
    this.#socket = options.socket ?? openSocket(options)
    this.#socket.on('connect', () => this.#connected())
    this.#socket.on('disconnect', () => this.#dropped())
    this.#socket.on('connect_error', (error) => this.#refused(error))
    this.#socket.onAny((name, payload) => this.#noticed(name, payload))
  }

  /** Starts connecting, and keeps on; also after an end. */
  open(): void {
    const { kind } = this.getSnapshot()
    if (kind !== 'ended' && !(kind === 'offline' && this.#timer === undefined)) return
    this.#failures = 0
    this.#lostSince_ms = null
    globalThis.addEventListener?.('online', this.#hurry)
    this.#attempt()
  }

  /** Ends the line for good (until `open`). Everything under way fails. */
  close(cause = 'closed'): void {
    globalThis.removeEventListener?.('online', this.#hurry)
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isConnected = false
    this.#round += 1
    this.set({ kind: 'ended', cause })
    this.#socket.disconnect()
    for (const pending of [...this.#inFlight, ...this.#waiting]) pending.fail(lost())
  }

  /**
   * Runs after every connect, and when the server says that notices were lost, before anything that waited
   * is sent: the place to subscribe and read. What it throws counts as a failed attempt.
   */
  onReady(hook: ReadyHook): () => void {
    this.#hooks.add(hook)
    return () => this.#hooks.delete(hook)
  }

  on<K extends keyof N & string>(notice: K, handler: (payload: N[K]) => void): () => void {
    const handlers = this.#handlers.get(notice) ?? new Set()
    this.#handlers.set(notice, handlers.add(handler as (payload: never) => void))
    return () => handlers.delete(handler as (payload: never) => void)
  }

  /** Throws `WeccError`: the server's, `client.timeout` or `client.connection_lost` (both retryable). */
  request<K extends keyof R & string>(
    name: K,
    payload: R[K]['takes'],
    { timeoutMs = 10_000 }: RequestOptions = {},
  ): Promise<R[K]['answers']> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(pending)
        this.#inFlight.delete(pending)
      }
      const fail = (error: WeccError) => {
        done()
        reject(error)
      }
      const send = () => {
        this.#waiting.delete(pending)
        this.#inFlight.add(pending)
        this.#socket.emit(name, payload, (result) => {
          if (!this.#inFlight.has(pending)) return
          if (!result.ok) return fail(new WeccError(result.error))
          done()
          resolve(result.data as R[K]['answers'])
        })
      }
      const pending: Pending = { send, fail }
      const timer = setTimeout(
        () => fail(new WeccError({ code: 'client.timeout', retryable: true })),
        timeoutMs,
      )
      if (this.getSnapshot().kind === 'ended') fail(lost())
      else if (this.#isConnected) send()
      else this.#waiting.add(pending)
    })
  }

  #attempt(): void {
    clearTimeout(this.#timer)
    this.#show(null)
    this.#timer = setTimeout(() => {
      this.#socket.disconnect()
      this.#dropped()
    }, ATTEMPT_TIMEOUT_MS)
    this.#socket.connect()
  }

  #connected(): void {
    if (this.getSnapshot().kind === 'ended') return
    clearTimeout(this.#timer)
    this.#isConnected = true
    void this.#resume(++this.#round)
  }

  async #resume(round: number): Promise<void> {
    try {
      for (const hook of this.#hooks) await hook()
    } catch (thrown) {
      if (round !== this.#round) return
      const error = WeccError.from(thrown)
      if (error.code === 'session.required') return this.close(error.code)
      this.#socket.disconnect()
      return this.#dropped()
    }
    if (round !== this.#round) return
    this.#failures = 0
    this.#lostSince_ms = null
    this.set({ kind: 'online' })
    for (const pending of [...this.#waiting]) pending.send()
  }

  #resync(): void {
    this.#resyncAgain = true
    this.#resyncing ??= (async () => {
      while (this.#resyncAgain) {
        this.#resyncAgain = false
        await this.#resume(this.#round)
      }
      this.#resyncing = null
    })()
  }

  #dropped(): void {
    if (this.getSnapshot().kind === 'ended' || (!this.#isConnected && this.#isScheduled())) return
    this.#isConnected = false
    this.#round += 1
    this.#lostSince_ms ??= Date.now()
    for (const pending of [...this.#inFlight]) pending.fail(lost())

    // Everybody is thrown off at once when a server restarts: the jitter spreads their return.
    const ceiling_ms = Math.min(RETRY_MAX_MS, 2 * RETRY_FIRST_MS * 2 ** this.#failures)
    const delay_ms = RETRY_FIRST_MS + Math.random() * (ceiling_ms - RETRY_FIRST_MS)
    this.#failures += 1
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#attempt(), delay_ms)
    this.#show(Date.now() + delay_ms)
  }

  #isScheduled(): boolean {
    const state = this.getSnapshot()
    return 'next_attempt_ms' in state && state.next_attempt_ms !== null
  }

  #refused(error: Error & { data?: unknown }): void {
    const code = (error.data as { code?: unknown } | undefined)?.code
    if (code === 'session.required' || code === 'request.forbidden') this.close(code)
    else this.#dropped()
  }

  #noticed(name: string, payload: unknown): void {
    if (name === 'session:ended') this.close((payload as { cause: string }).cause)
    if (name === 'session:resync_needed') this.#resync()
    for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(payload as never)
  }

  readonly #hurry = (): void => {
    if (!this.#isConnected && this.#isScheduled()) this.#attempt()
  }

  #show(next_attempt_ms: number | null): void {
    const since_ms = this.#lostSince_ms
    if (since_ms === null) this.set({ kind: 'connecting' })
    else
      this.set({ kind: navigator.onLine === false ? 'offline' : 'reconnecting', since_ms, next_attempt_ms })
  }
}

function openSocket({ namespace, auth, origin }: ConnectionOptions): Socket {
  return io(`${origin ?? location.origin}${namespace}`, {
    path: '/socket.io',
    transports: ['websocket'],
    autoConnect: false,
    reconnection: false, // done here: with jitter, and visibly
    forceNew: true,
    auth: (give) => give(auth?.() ?? {}),
  })
}
