import type { AttachmentView, LogEvent } from '@wecc/protocol'
import type { OutboxItem, WeccError } from '@wecc/realtime'
import { daysBetween } from '@wecc/ui'

import type { Draft } from './session'

/** A message on the screen: of the log, or on its way into it. */
export interface Bubble {
  /** Stays the same when what was written arrives in the log. */
  readonly key: string
  readonly text: string
  readonly attachments: readonly AttachmentView[]
  readonly at_ms: number
  readonly state: 'sending' | 'sent' | 'logged' | 'failed'
  readonly seq: number | null
  readonly error: WeccError | null
}

export type Row =
  | { readonly type: 'day'; readonly key: string; readonly at_ms: number }
  | { readonly type: 'line'; readonly key: string; readonly event: LogEvent }
  | {
      readonly type: 'group'
      readonly key: string
      readonly isOwn: boolean
      readonly name: string
      readonly bubbles: readonly Bubble[]
    }

const GROUP_MS = 3 * 60_000

/** Kinds that a visitor is told of in a quiet line. */
const isTold = (event: LogEvent): boolean => {
  switch (event.kind) {
    case 'joined':
    case 'transferred':
    case 'identified':
    case 'closed':
      return true
    case 'left':
      return event.body.cause !== 'transferred' // the transfer was told
    default:
      return false
  }
}

/** What the thread shows: days, quiet lines, and messages in groups of one sender. */
export function rowsOf(events: readonly LogEvent[], outbox: readonly OutboxItem<Draft>[]): readonly Row[] {
  const rows: Row[] = []
  let group: { sender: string; bubbles: Bubble[] } | null = null
  let day_ms: number | null = null

  const place = (at_ms: number) => {
    if (day_ms === null || daysBetween(at_ms, day_ms) !== 0) {
      day_ms = at_ms
      group = null
      rows.push({ type: 'day', key: `day-${new Date(at_ms).toDateString()}`, at_ms })
    }
  }
  const say = (bubble: Bubble, sender: string, name: string, isOwn: boolean) => {
    place(bubble.at_ms)
    const last = group?.bubbles.at(-1)
    if (group?.sender === sender && last && bubble.at_ms - last.at_ms < GROUP_MS) group.bubbles.push(bubble)
    else {
      group = { sender, bubbles: [bubble] }
      rows.push({ type: 'group', key: `group-${bubble.key}`, isOwn, name, bubbles: group.bubbles })
    }
  }

  const shown = new Set<string>()
  for (const event of events) {
    if (event.kind === 'message') {
      const { sender, client_id, seq, at_ms, body } = event
      const isOwn = sender.kind === 'visitor'
      if (isOwn) shown.add(client_id)
      const key = isOwn ? client_id : `seq-${seq}`
      say(
        { key, ...body, at_ms, state: 'logged', seq, error: null },
        isOwn ? 'own' : sender.kind + sender.id,
        sender.name,
        isOwn,
      )
    } else if (isTold(event)) {
      place(event.at_ms)
      group = null
      rows.push({ type: 'line', key: `line-${event.seq}`, event })
    }
  }
  for (const { client_id, draft, created_ms, state, seq, error } of outbox)
    if (!shown.has(client_id))
      say({ key: client_id, ...draft, at_ms: created_ms, state, seq, error }, 'own', '', true)
  return rows
}
