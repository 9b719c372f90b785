import type { ConversationView, LogEvent } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { advance, furthest } from './conversation'

const agent = { id: 'a1', name: '小李' }
const view: ConversationView = {
  id: 'c1',
  status: 'waiting',
  channel: 'chat',
  agent: null,
  started_ms: 0,
  closed_ms: null,
  last_seq: 3,
  marks: { visitor_delivered_seq: 0, visitor_read_seq: 0, agent_delivered_seq: 0, agent_read_seq: 0 },
  place: { position: 2, wait_s: [10, 20] },
}

const event = (seq: number, kind: string, body: object = {}) =>
  ({ seq, prev: seq - 1, at_ms: seq * 1000, kind, body }) as LogEvent

it('follows the log', () => {
  const joined = advance(view, event(4, 'joined', { agent }))
  expect(joined).toMatchObject({ status: 'active', agent, place: null, last_seq: 4 })
  const queued = advance(joined, event(6, 'queued', { tier: 'vip', cause: 'transferred' }))
  expect(queued).toMatchObject({ status: 'waiting', agent: null, last_seq: 6 })
  expect(advance(queued, event(7, 'closed', { cause: 'visitor' }))).toMatchObject({
    status: 'closed',
    closed_ms: 7000,
  })
})

it('does not go back to what the snapshot already holds', () => {
  expect(advance(view, event(3, 'closed'))).toBe(view)
})

it('marks only go forward', () => {
  const older = { visitor_delivered_seq: 5, visitor_read_seq: 2, agent_delivered_seq: 1, agent_read_seq: 0 }
  const newer = { visitor_delivered_seq: 4, visitor_read_seq: 4, agent_delivered_seq: 3, agent_read_seq: 3 }
  const both = { visitor_delivered_seq: 5, visitor_read_seq: 4, agent_delivered_seq: 3, agent_read_seq: 3 }
  expect(furthest(older, newer)).toEqual(both)
  expect(furthest(newer, older)).toEqual(both)
})
