import type { LogEvent, Sender } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { entriesOf, receipt } from './entries'

const visitor: Sender = { kind: 'visitor', id: 'v', name: '张伟' }
const agent: Sender = { kind: 'agent', id: 'a', name: '林晓雯' }
const noon_ms = new Date(2026, 2, 5, 12).getTime()

let seq = 0
const message = (sender: Sender, at_ms: number): LogEvent => {
  seq += 1
  return {
    seq,
    prev: seq - 1,
    at_ms,
    sender,
    client_id: '',
    kind: 'message',
    body: { text: '', attachments: [] },
  }
}
const shape = (events: readonly LogEvent[]) =>
  entriesOf(events).map((entry) => (entry.type === 'messages' ? entry.events.length : entry.type))

it('joins what one sender says within a few minutes', () => {
  expect(
    shape([
      message(visitor, noon_ms),
      message(visitor, noon_ms + 60_000),
      message(agent, noon_ms + 70_000),
      message(visitor, noon_ms + 80_000),
      message(visitor, noon_ms + 400_000),
    ]),
  ).toEqual(['day', 2, 1, 1, 1])
})

it('begins each day anew, also in the middle of a run', () => {
  const midnight_ms = new Date(2026, 2, 6).getTime()
  expect(shape([message(visitor, midnight_ms - 1000), message(visitor, midnight_ms + 1000)])).toEqual([
    'day',
    1,
    'day',
    1,
  ])
})

it('a note stands alone', () => {
  const note: LogEvent = {
    seq: 9,
    prev: 8,
    at_ms: noon_ms,
    sender: agent,
    client_id: '',
    kind: 'note',
    body: { text: '' },
  }
  expect(shape([message(agent, noon_ms), note, message(agent, noon_ms)])).toEqual(['day', 1, 'note', 1])
})

it('knows how far a message has got', () => {
  const marks = { visitor_delivered_seq: 5, visitor_read_seq: 3, agent_delivered_seq: 9, agent_read_seq: 9 }
  expect([3, 5, 6].map((at) => receipt(at, marks))).toEqual(['read', 'delivered', 'sent'])
})
