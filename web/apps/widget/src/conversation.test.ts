import type { ConversationView, LogEvent } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { advance, furthest, isLongWait } from './conversation'

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
  away: null,
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

it('is away while a message waits, and no longer once an agent joins', () => {
  const queued = { tier: 'vip', cause: 'closed', channel: 'message', opens_ms: 9_000 }
  const left = advance(view, event(4, 'queued', queued))
  expect(left).toMatchObject({
    status: 'waiting',
    place: null,
    away: { cause: 'closed', opens_ms: 9_000, has_contact: false },
  })
  const reachable = advance(left, event(5, 'contact_left', { contact: '13800138000' }))
  expect(reachable.away).toEqual({ cause: 'closed', opens_ms: 9_000, has_contact: true })
  const moved = advance(
    reachable,
    event(6, 'queued', { ...queued, tier: 'gold', cause: 'retiered', opens_ms: null }),
  )
  expect(moved.away).toEqual(reachable.away)
  expect(advance(reachable, event(6, 'joined', { agent })).away).toBeNull()
  expect(advance(reachable, event(6, 'closed')).away).toBeNull()
  expect(advance(reachable, event(6, 'queued', { ...queued, channel: 'chat', cause: 'asked' })).away).toBeNull()
})

it('a contact alone makes nobody away', () => {
  expect(advance(view, event(4, 'contact_left', { contact: '13800138000' }))).toMatchObject({
    away: null,
    place: view.place,
  })
})

it.each([
  [null, false],
  [{ position: 1, wait_s: null }, true],
  [{ position: 1, wait_s: [20, 179] as [number, number] }, false],
  [{ position: 9, wait_s: [60, 180] as [number, number] }, true],
])('a message is offered for a long wait: %j %s', (place, isOffered) => {
  expect(isLongWait(place)).toBe(isOffered)
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
