import type { LogEvent, Sender } from '@wecc/protocol'

import { WeccError } from './error'
import { Store } from './store'

/** Something written here that is not yet seen in the log. `sent`: the server has it for good. */
export interface OutboxItem<Draft> {
  readonly client_id: string
  readonly draft: Draft
  readonly created_ms: number
  readonly state: 'sending' | 'sent' | 'failed'
  /** Why it failed, or why it is tried again. */
  readonly error: WeccError | null
  readonly seq: number | null
}

export interface OutboxOptions<Draft> {
  /** Where the unsent is kept over a reload; the sessionStorage key is a conversation's own. */
  readonly key: string
  readonly send: (item: OutboxItem<Draft>) => Promise<{ readonly seq: number }>
  readonly storage?: Storage
}

/** Refusals that may pass (a rate limit, a busy server) are repeated this often, then left to the writer. */
const MAX_REFUSALS = 8
const RETRY_FIRST_MS = 1_000
const RETRY_MAX_MS = 15_000

/**
 * What one has written and the log does not show yet, in order. Each item ends as `sent` or as `failed` with
 * its reason; none vanishes. One is sent at a time, so the order of writing is the order of the log.
 */
export class Outbox<Draft> extends Store<readonly OutboxItem<Draft>[]> {
  readonly #options: OutboxOptions<Draft>
  readonly #storage: Storage | undefined
  #isSending = false
  #isClosed = false
  #refusals = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: OutboxOptions<Draft>) {
    const storage = options.storage ?? sessionStorageOrNone()
    super(restore<Draft>(storage, options.key))
    this.#options = options
    this.#storage = storage
  }

  /** Appends and sends. The client id stays the same however often it is sent. */
  add(draft: Draft): string {
    const client_id = newClientId()
    const item = {
      client_id,
      draft,
      created_ms: Date.now(),
      state: 'sending',
      error: null,
      seq: null,
    } as const
    this.#keep([...this.getSnapshot(), item])
    this.resume()
    return client_id
  }

  /** Sends what waits. To be called after every (re)connect. */
  resume(): void {
    clearTimeout(this.#timer)
    if (!this.#isSending && !this.#isClosed) void this.#drain()
  }

  /** Sends a failed one again, with the same client id. */
  retry(client_id: string): void {
    this.#refusals = 0
    this.#change(client_id, { state: 'sending', error: null })
    this.resume()
  }

  /** Forgets one: the writer gives it up, or it was seen otherwise. */
  discard(client_id: string): void {
    this.#keep(this.getSnapshot().filter((item) => item.client_id !== client_id))
  }

  /** Lets go of all that the log shows. */
  settle(events: readonly LogEvent[], self: Pick<Sender, 'kind' | 'id'>): void {
    if (this.getSnapshot().length === 0) return
    const logged = new Set(
      events.flatMap(({ sender, client_id }) =>
        sender.kind === self.kind && sender.id === self.id ? [client_id] : [],
      ),
    )
    const rest = this.getSnapshot().filter((item) => !logged.has(item.client_id))
    if (rest.length < this.getSnapshot().length) this.#keep(rest)
  }

  /** Stops sending; what is unsent stays stored. */
  close(): void {
    clearTimeout(this.#timer)
    this.#isClosed = true
  }

  async #drain(): Promise<void> {
    this.#isSending = true
    for (let item = this.#next(); item && !this.#isClosed; item = this.#next()) {
      try {
        const { seq } = await this.#options.send(item)
        this.#refusals = 0
        this.#change(item.client_id, { state: 'sent', error: null, seq })
      } catch (thrown) {
        const error = WeccError.from(thrown)
        if (!error.code.startsWith('client.')) this.#refusals += 1
        if (this.#isClosed) break
        if (error.retryable && this.#refusals < MAX_REFUSALS) {
          this.#change(item.client_id, { error })
          const delay_ms = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#refusals)
          this.#timer = setTimeout(() => this.resume(), delay_ms * (0.5 + Math.random() / 2))
          break
        }
        this.#refusals = 0
        this.#change(item.client_id, { state: 'failed', error })
      }
    }
    this.#isSending = false
  }

  #next(): OutboxItem<Draft> | undefined {
    return this.getSnapshot().find((item) => item.state === 'sending')
  }

  #change(client_id: string, change: Partial<OutboxItem<Draft>>): void {
    this.#keep(
      this.getSnapshot().map((item) => (item.client_id === client_id ? { ...item, ...change } : item)),
    )
  }

  #keep(items: readonly OutboxItem<Draft>[]): void {
    if (this.#isClosed) return
    const unsent = items.filter((item) => item.state !== 'sent') // the sent is in the server's log
    try {
      if (unsent.length === 0) this.#storage?.removeItem(this.#options.key)
      else this.#storage?.setItem(this.#options.key, JSON.stringify(unsent))
    } catch {
      // a full or forbidden storage costs the reload's safety, not the message
    }
    this.set(items)
  }
}

/** 22 characters from 128 random bits, of the alphabet that the server takes. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function restore<Draft>(storage: Storage | undefined, key: string): readonly OutboxItem<Draft>[] {
  try {
    const items = JSON.parse(storage?.getItem(key) ?? '[]') as OutboxItem<Draft>[]
    return items.map((item) => ({ ...item, error: item.error && new WeccError(item.error) }))
  } catch {
    return []
  }
}

function sessionStorageOrNone(): Storage | undefined {
  try {
    return globalThis.sessionStorage
  } catch {
    return undefined // forbidden in a third-party frame by some browsers
  }
}
