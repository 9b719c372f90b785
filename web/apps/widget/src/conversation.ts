import type { Away, ConversationView, LogEvent, Marks, Place, QueuedBody } from '@wecc/protocol'

/** What an event makes of the conversation: snapshot and later events come to the same as a fresh snapshot. */
export function advance(view: ConversationView, event: LogEvent): ConversationView {
  if (event.seq <= view.last_seq) return view
  const next = { ...view, last_seq: event.seq }
  switch (event.kind) {
    case 'joined':
      return { ...next, status: 'active', agent: event.body.agent, place: null, away: null }
    case 'queued':
      return { ...next, status: 'waiting', agent: null, place: null, away: awayOf(event.body, view.away) }
    case 'contact_left':
      return { ...next, away: view.away && { ...view.away, has_contact: true } }
    case 'closed':
      return { ...next, status: 'closed', closed_ms: event.at_ms, place: null, away: null }
    default:
      return next // says something, changes nothing
  }
}

/** Said to the visitor, by an agent or by self-service. */
export const isSaid = ({ kind, sender }: LogEvent): boolean =>
  kind === 'assisted' || (kind === 'message' && sender.kind === 'agent')

const isAwayCause = (cause: string): cause is Away['cause'] =>
  cause === 'closed' || cause === 'nobody' || cause === 'full' || cause === 'chosen'

/** A message that only changed its queue is what it was. */
function awayOf({ channel, cause, opens_ms }: QueuedBody, before: Away | null): Away | null {
  if (channel !== 'message') return null
  const has_contact = before?.has_contact ?? false
  return isAwayCause(cause)
    ? { cause, opens_ms, has_contact }
    : (before ?? { cause: 'nobody', opens_ms, has_contact })
}

const LONG_WAIT_S = 180

/** Whether the wait is so long, or so unknown, that leaving a message may be better. */
export const isLongWait = (place: Place | null): boolean =>
  place !== null && (place.wait_s === null || place.wait_s[1] >= LONG_WAIT_S)

/** Marks never go back, in whatever order they are heard of. */
export const furthest = (a: Marks, b: Marks): Marks => ({
  visitor_delivered_seq: Math.max(a.visitor_delivered_seq, b.visitor_delivered_seq),
  visitor_read_seq: Math.max(a.visitor_read_seq, b.visitor_read_seq),
  agent_delivered_seq: Math.max(a.agent_delivered_seq, b.agent_delivered_seq),
  agent_read_seq: Math.max(a.agent_read_seq, b.agent_read_seq),
})
