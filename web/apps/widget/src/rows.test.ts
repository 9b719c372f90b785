import type { LogEvent, MessageEvent } from '@wecc/protocol'
import type { OutboxItem } from '@wecc/realtime'
import { describe, expect, it } from 'vitest'

import { rowsOf, type Row } from './rows'
import type { Draft } from './session'

const noon = new Date('2026-03-05T12:00:00').getTime()
const agent = { id: 'a1', name: '小李' }

let seq = 0
const event = (kind: string, body: object, at_ms: number, rest: object = {}) =>
  ({
    seq: (seq += 1),
    prev: seq - 1,
    at_ms,
    sender: { kind: 'system', id: '', name: '' },
    client_id: '',
    kind,
    body,
    ...rest,
  }) as unknown as LogEvent

const said = (kind: 'visitor' | 'agent', text: string, at_ms: number, client_id = `client-${seq}`) =>
  event('message', { text, attachments: [] }, at_ms, {
    client_id,
    sender: { kind, id: kind, name: '小李' },
  }) as MessageEvent

const unsent = (
  client_id: string,
  at_ms: number,
  state: OutboxItem<Draft>['state'] = 'sending',
): OutboxItem<Draft> => ({
  client_id,
  draft: { text: 'unsent', attachments: [] },
  created_ms: at_ms,
  state,
  error: null,
  seq: null,
})

const shape = (rows: readonly Row[]) =>
  rows.map((row) =>
    row.type === 'group'
      ? `${row.isOwn ? 'own' : row.name}: ${row.bubbles.map((b) => `${b.text} ${b.state}`).join(', ')}`
      : row.type === 'line'
        ? row.event.kind
        : 'day',
  )

describe('rows', () => {
  it('group what one says in a row, and part by time, sender and day', () => {
    expect(
      shape(
        rowsOf(
          [
            said('visitor', 'a', noon),
            said('visitor', 'b', noon + 60_000),
            said('agent', 'c', noon + 70_000),
            said('agent', 'd', noon + 10 * 60_000),
            said('agent', 'e', noon + 24 * 3600_000),
          ],
          [],
        ),
      ),
    ).toEqual(['day', 'own: a logged, b logged', '小李: c logged', '小李: d logged', 'day', '小李: e logged'])
  })

  it('tell what happened, but not twice and not what is the desk’s own business', () => {
    const events = [
      event('started', {}, noon),
      event('queued', { cause: 'asked' }, noon),
      event('joined', { agent }, noon),
      event('transferred', { by: agent, to_agent: null, to_tier: 'vip' }, noon),
      event('left', { agent, cause: 'transferred' }, noon),
      event('left', { agent, cause: 'agent_gone' }, noon),
      event('identified', { name: '张三' }, noon),
      event('closed', { cause: 'agent' }, noon),
    ]
    expect(shape(rowsOf(events, []))).toEqual([
      'day',
      'joined',
      'transferred',
      'left',
      'identified',
      'closed',
    ])
  })

  it('show what is unsent after what is logged, in one group with it', () => {
    const rows = rowsOf(
      [said('visitor', 'a', noon)],
      [unsent('x1', noon + 1_000), unsent('x2', noon + 2_000, 'failed')],
    )
    expect(shape(rows)).toEqual(['day', 'own: a logged, unsent sending, unsent failed'])
  })

  it('keep a bubble’s key when it arrives in the log, and never show it twice', () => {
    const before = rowsOf([], [unsent('client-9', noon)])
    const after = rowsOf(
      [said('visitor', 'unsent', noon + 500, 'client-9')],
      [unsent('client-9', noon, 'sent')],
    )
    const keys = (rows: readonly Row[]) =>
      rows.flatMap((row) => (row.type === 'group' ? row.bubbles.map(({ key }) => key) : []))
    expect(keys(after)).toEqual(keys(before))
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key))
  })
})
