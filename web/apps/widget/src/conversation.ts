import type { ConversationView, LogEvent, Marks } from '@wecc/protocol'

/** What an event makes of the conversation: snapshot and later events come to the same as a fresh snapshot. */
export function advance(view: ConversationView, event: LogEvent): ConversationView {
  if (event.seq <= view.last_seq) return view
  const next = { ...view, last_seq: event.seq }
  switch (event.kind) {
    case 'joined':
      return { ...next, status: 'active', agent: event.body.agent, place: null }
    case 'queued':
      return { ...next, status: 'waiting', agent: null, place: null }
    case 'closed':
      return { ...next, status: 'closed', closed_ms: event.at_ms, place: null }
    default:
      return next // says something, changes nothing
  }
}

/** Marks never go back, in whatever order they are heard of. */
export const furthest = (a: Marks, b: Marks): Marks => ({
  visitor_delivered_seq: Math.max(a.visitor_delivered_seq, b.visitor_delivered_seq),
  visitor_read_seq: Math.max(a.visitor_read_seq, b.visitor_read_seq),
  agent_delivered_seq: Math.max(a.agent_delivered_seq, b.agent_delivered_seq),
  agent_read_seq: Math.max(a.agent_read_seq, b.agent_read_seq),
})
