import type { LogEvent, LogPage } from '@wecc/protocol'

import { WeccError } from './error'
import { Store } from './store'

/** What a log reader needs of an event. `prev` is the seq before it that this reader may see. */
interface Sequenced {
  readonly seq: number
  readonly prev: number
}

export interface LogState<E extends Sequenced = LogEvent> {
  /** Without a hole: each event's `prev` is the seq before it. */
  readonly events: readonly E[]
  /** Seq of the newest event that was read without a hole; null before the first page. */
  readonly cursor: number | null
  /** Came before what precedes them; shown once the gap is read. */
  readonly early: ReadonlyMap<number, E>
  readonly hasEarlier: boolean
}

export const emptyLog = <E extends Sequenced>(): LogState<E> => ({
  events: [],
  cursor: null,
  early: new Map(),
  hasEarlier: false,
})

/** Takes in one event: duplicates change nothing, early ones wait, what they waited for releases them. */
export function applyEvent<E extends Sequenced>(state: LogState<E>, event: E): LogState<E> {
  if (event.seq <= (state.cursor ?? -1) || state.early.has(event.seq)) return state
  return release({ ...state, early: new Map(state.early).set(event.seq, event) })
}

/** Takes in the newest page (of a resume) or the page after the cursor. */
export function applyPage<E extends Sequenced>(
  state: LogState<E>,
  page: { readonly events: readonly E[] },
): LogState<E> {
  const early = new Map(state.early)
  for (const event of page.events) early.set(event.seq, event)
  if (state.cursor !== null) return release({ ...state, early })
  const cursor = page.events[0]?.prev ?? 0
  return release({ ...state, early, cursor, hasEarlier: cursor > 0 })
}

function release<E extends Sequenced>(state: LogState<E>): LogState<E> {
  if (state.cursor === null) return state
  const early = new Map(state.early)
  const events = [...state.events]
  let { cursor } = state
  for (const next of [...early.values()].sort((a, b) => a.seq - b.seq)) {
    if (next.prev > cursor) break
    if (next.seq > cursor) {
      events.push(next)
      cursor = next.seq
    }
    early.delete(next.seq)
  }
  return { ...state, early, cursor, events: events.length > state.events.length ? events : state.events }
}

/** Puts the page before the oldest event. Anything that does not join it is left out. */
export function applyEarlierPage<E extends Sequenced>(
  state: LogState<E>,
  page: { readonly events: readonly E[] },
): LogState<E> {
  const oldest = state.events[0]
  if (!oldest) return state
  const earlier = page.events.filter((event) => event.seq < oldest.seq)
  if (earlier.length === 0) return { ...state, hasEarlier: false }
  if (earlier.at(-1)!.seq !== oldest.prev) return state
  return { ...state, events: [...earlier, ...state.events], hasEarlier: earlier[0]!.prev > 0 }
}

export interface LogSnapshot {
  readonly events: readonly LogEvent[]
  readonly cursor: number | null
  readonly hasEarlier: boolean
  /** A gap was seen and is being read; what came after it is held back. */
  readonly isBehind: boolean
  readonly isLoadingEarlier: boolean
}

/** `conversation:read_log` of one conversation. */
export type ReadPage = (query: { after_seq: number } | { before_seq: number }) => Promise<LogPage>

const REREAD_MS = 2_000

/** One conversation's events, exactly as the server has them, whatever happens to the notices. */
export class LogReader extends Store<LogSnapshot> {
  readonly #read: ReadPage
  #log: LogState = emptyLog()
  #lastSeq = 0
  #isReading = false
  #isLoadingEarlier = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(read: ReadPage) {
    super({ events: [], cursor: null, hasEarlier: false, isBehind: false, isLoadingEarlier: false })
    this.#read = read
  }

  /** A notice. Before the first page it only waits. */
  apply(event: LogEvent): void {
    this.#lastSeq = Math.max(this.#lastSeq, event.seq)
    this.#take(applyEvent(this.#log, event))
  }

  /** The newest page, as a resume answers it. */
  accept(page: LogPage): void {
    this.#lastSeq = Math.max(this.#lastSeq, page.last_seq)
    this.#take(applyPage(this.#log, page))
  }

  /** Reads the page before the oldest event; throws what the reading throws. */
  async loadEarlier(): Promise<void> {
    const oldest = this.#log.events[0]
    if (!oldest || !this.#log.hasEarlier || this.#isLoadingEarlier) return
    this.#isLoadingEarlier = true
    this.#show()
    try {
      this.#log = applyEarlierPage(this.#log, await this.#read({ before_seq: oldest.seq }))
    } finally {
      this.#isLoadingEarlier = false
      this.#show()
    }
  }

  /** Stops reading gaps. */
  close(): void {
    clearTimeout(this.#timer)
    this.#isReading = true
  }

  #take(log: LogState): void {
    this.#log = log
    this.#show()
    if (this.#isBehind() && !this.#isReading) void this.#readGap()
  }

  async #readGap(): Promise<void> {
    this.#isReading = true
    clearTimeout(this.#timer)
    try {
      while (this.#isBehind()) {
        const page = await this.#read({ after_seq: this.#log.cursor! })
        const before = this.#log.cursor
        this.#log = applyPage(this.#log, page)
        this.#show()
        // An answer that brings nothing would be asked for again at once, for ever.
        if (this.#log.cursor === before)
          throw new WeccError({ code: 'internal', message: 'gap not readable' })
      }
      this.#isReading = false
    } catch {
      this.#isReading = false
      this.#timer = setTimeout(() => this.#isBehind() && void this.#readGap(), REREAD_MS)
    }
  }

  #isBehind(): boolean {
    return this.#log.cursor !== null && this.#log.cursor < this.#lastSeq
  }

  #show(): void {
    const { events, cursor, hasEarlier } = this.#log
    const old = this.getSnapshot()
    const isBehind = this.#isBehind()
    if (
      old.events !== events ||
      old.cursor !== cursor ||
      old.hasEarlier !== hasEarlier ||
      old.isBehind !== isBehind ||
      old.isLoadingEarlier !== this.#isLoadingEarlier
    )
      this.set({ events, cursor, hasEarlier, isBehind, isLoadingEarlier: this.#isLoadingEarlier })
  }
}
