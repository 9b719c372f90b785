import type { ConversationView, LogEvent } from '@wecc/protocol'
import type { LogReader } from '@wecc/realtime'

import { isSaid } from './conversation'
import type { Host } from './host'
import type { Line } from './saying'

const nothing = { delivered_seq: 0, read_seq: 0 }

/** What has arrived here, what was heard and what was seen. */
export class Seen {
  /** Whether the newest message is in view. */
  isAtBottom = true
  readonly #line: Line
  readonly #host: Host
  #heard_seq = 0
  #told = nothing

  constructor(line: Line, host: Host) {
    this.#line = line
    this.#host = host
  }

  /** Another log is shown; up to `heard_seq` it is old. */
  begin(heard_seq: number): void {
    this.#heard_seq = heard_seq
    this.#told = nothing
  }

  /** Over another line, what was told may have been lost. */
  tellAgain(): void {
    this.#told = nothing
  }

  /** Whether it should be heard, as it is news that is not in view. */
  isHeard(event: LogEvent): boolean {
    if (event.seq <= this.#heard_seq) return false
    this.#heard_seq = event.seq
    return isSaid(event) && !this.#isInView()
  }

  /** Tells the desk what has arrived and was seen; returns how much was not seen. */
  count(conversation: ConversationView | null, log: LogReader): number {
    const { cursor, events } = log.getSnapshot()
    let { delivered_seq, read_seq } = this.#told
    if (conversation && cursor) {
      delivered_seq = Math.max(delivered_seq, cursor)
      if (this.#isInView()) read_seq = Math.max(read_seq, cursor)
      const { id, marks } = conversation
      const isNews =
        delivered_seq > Math.max(marks.visitor_delivered_seq, this.#told.delivered_seq) ||
        read_seq > Math.max(marks.visitor_read_seq, this.#told.read_seq)
      if (isNews && this.#line.getSnapshot().kind === 'online') {
        this.#told = { delivered_seq, read_seq }
        const told = { conversation_id: id, delivered_seq, read_seq }
        this.#line.request('conversation:set_marks', told).catch(() => {})
      }
    }
    const read = Math.max(read_seq, conversation?.marks.visitor_read_seq ?? 0)
    return events.filter((event) => isSaid(event) && event.seq > read).length
  }

  #isInView(): boolean {
    return this.#host.getSnapshot().isOpen && document.visibilityState === 'visible' && this.isAtBottom
  }
}
