import type {
  AssistedEvent,
  ChosenEvent,
  FilledEvent,
  HandedOverEvent,
  LogEvent,
  Marks,
  MessageEvent,
  NoteEvent,
  RoutedEvent,
  Sender,
} from '@wecc/protocol'
import { daysBetween } from '@wecc/ui'

type Guide = AssistedEvent | ChosenEvent | FilledEvent

type Quiet = Exclude<LogEvent, MessageEvent | NoteEvent | RoutedEvent | Guide | HandedOverEvent>

/** What the log shows, top to bottom: days, runs of messages by one sender, and single lines. */
export type Entry =
  | { readonly type: 'day'; readonly key: string; readonly at_ms: number }
  | {
      readonly type: 'messages'
      readonly key: string
      readonly sender: Sender
      readonly events: readonly MessageEvent[]
    }
  | { readonly type: 'note'; readonly key: string; readonly event: NoteEvent }
  | { readonly type: 'routed'; readonly key: string; readonly event: RoutedEvent }
  | { readonly type: 'guide'; readonly key: string; readonly event: Guide }
  | { readonly type: 'handed_over'; readonly key: string; readonly event: HandedOverEvent }
  | { readonly type: 'line'; readonly key: string; readonly event: Quiet }

const RUN_MS = 3 * 60_000

export function entriesOf(events: readonly LogEvent[]): readonly Entry[] {
  const entries: Entry[] = []
  let day_ms: number | null = null
  for (const event of events) {
    if (day_ms === null || daysBetween(day_ms, event.at_ms) !== 0)
      entries.push({ type: 'day', key: `day ${event.seq}`, at_ms: event.at_ms })
    day_ms = event.at_ms
    const key = `${event.kind} ${event.seq}`
    if (event.kind === 'note') entries.push({ type: 'note', key, event })
    else if (event.kind === 'routed') entries.push({ type: 'routed', key, event })
    else if (event.kind === 'handed_over') entries.push({ type: 'handed_over', key, event })
    else if (event.kind === 'assisted' || event.kind === 'chosen' || event.kind === 'filled')
      entries.push({ type: 'guide', key, event })
    else if (event.kind !== 'message') entries.push({ type: 'line', key, event })
    else {
      const last = entries.at(-1)
      if (last?.type === 'messages' && joins(last, event))
        entries[entries.length - 1] = { ...last, events: [...last.events, event] }
      else entries.push({ type: 'messages', key, sender: event.sender, events: [event] })
    }
  }
  return entries
}

function joins(run: Entry & { type: 'messages' }, event: MessageEvent): boolean {
  const { sender } = run
  const before = run.events.at(-1)!
  return (
    sender.kind === event.sender.kind && sender.id === event.sender.id && event.at_ms - before.at_ms < RUN_MS
  )
}

/** How far an agent's message has got. */
export const receipt = (seq: number, marks: Marks): 'sent' | 'delivered' | 'read' =>
  marks.visitor_read_seq >= seq ? 'read' : marks.visitor_delivered_seq >= seq ? 'delivered' : 'sent'
