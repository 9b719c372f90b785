import type { AssistedBody, AttachmentView, FilledField, LogEvent } from '@wecc/protocol'
import type { OutboxItem, WeccError } from '@wecc/realtime'
import { daysBetween } from '@wecc/ui'

import { FORM_INVALID, type Draft } from './drafts'

/** A message on the screen: of the log, or on its way into it. */
export interface Bubble {
  /** Stays the same when what was written arrives in the log. */
  readonly key: string
  readonly text: string
  readonly attachments: readonly AttachmentView[]
  /** A form that was filled in. */
  readonly fields?: readonly FilledField[]
  /** What self-service offers below its words. */
  readonly step?: AssistedBody
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
      readonly by: 'visitor' | 'agent' | 'flow'
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

/** The log begins with `started`, then greets: so the greeting keeps its key when it comes from the log. */
const GREETING_SEQ = 2

/** A form that was refused is shown where it is put right. */
export const isRefusedForm = ({ state, error }: OutboxItem<Draft>): boolean =>
  state === 'failed' && error?.code === FORM_INVALID

/**
 * What the thread shows: days, quiet lines, and messages in groups of one sender. `greeting` is what self-service
 * said before there was a log.
 */
export function rowsOf(
  events: readonly LogEvent[],
  outbox: readonly OutboxItem<Draft>[],
  greeting: AssistedBody | null = null,
): readonly Row[] {
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
  const say = (bubble: Bubble, by: 'visitor' | 'agent' | 'flow', sender = by as string, name = '') => {
    place(bubble.at_ms)
    const last = group?.bubbles.at(-1)
    if (group?.sender === sender && last && bubble.at_ms - last.at_ms < GROUP_MS) group.bubbles.push(bubble)
    else {
      group = { sender, bubbles: [bubble] }
      rows.push({ type: 'group', key: `group-${bubble.key}`, by, name, bubbles: group.bubbles })
    }
  }
  const assist = (step: AssistedBody, seq: number, at_ms: number) => {
    const { text } = step
    say({ key: `seq-${seq}`, text, attachments: [], step, at_ms, state: 'logged', seq, error: null }, 'flow')
  }
  const tell = (event: LogEvent) => {
    place(event.at_ms)
    group = null
    rows.push({ type: 'line', key: `line-${event.seq}`, event })
  }

  const shown = new Set<string>()
  let isGuided = false
  for (const event of events) {
    const { kind, sender, client_id, seq, at_ms, body } = event
    if (sender.kind === 'visitor') shown.add(client_id)
    const logged = { at_ms, state: 'logged', seq, error: null } as const
    const own = { key: client_id, attachments: [], ...logged }
    if (kind === 'message') {
      if (sender.kind === 'visitor') say({ ...own, ...body }, 'visitor')
      else say({ key: `seq-${seq}`, ...body, ...logged }, 'agent', sender.kind + sender.id, sender.name)
    } else if (kind === 'chosen') say({ ...own, text: body.label }, 'visitor')
    else if (kind === 'filled') say({ ...own, text: '', fields: body.fields }, 'visitor')
    else if (kind === 'assisted') {
      isGuided = true
      assist(body, seq, at_ms)
    } else if (kind === 'queued') {
      if (isGuided) tell(event) // handed over
      isGuided = false
    } else if (isTold(event)) tell(event)
  }
  const unsent = outbox.filter((item) => !shown.has(item.client_id) && !isRefusedForm(item))
  if (greeting && events.length === 0 && unsent[0]) assist(greeting, GREETING_SEQ, unsent[0].created_ms)
  for (const { client_id, draft, created_ms, state, seq, error } of unsent)
    say({ key: client_id, ...draft, at_ms: created_ms, state, seq, error }, 'visitor')
  return rows
}

/** Who had the last word of self-service and visitor; afterwards, what ended their talk. */
export const lastTurn = (events: readonly LogEvent[]): LogEvent | undefined =>
  events.filter(({ kind }) => turns.has(kind)).at(-1)
const turns: ReadonlySet<string> = new Set(['assisted', 'message', 'chosen', 'filled', 'queued', 'closed'])

export const newestStep = (events: readonly LogEvent[]): AssistedBody | undefined =>
  events.filter((event) => event.kind === 'assisted').at(-1)?.body

/** Seq of the step that waits for the visitor; null while his answer is under way, and once it is over. */
export function openStep(events: readonly LogEvent[], outbox: readonly OutboxItem<Draft>[]): number | null {
  const last = lastTurn(events)
  const isAnswered = outbox.some(({ state }) => state !== 'failed')
  return last?.kind === 'assisted' && !isAnswered ? last.seq : null
}
