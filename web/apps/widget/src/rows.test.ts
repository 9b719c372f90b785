import type { AssistedBody, LogEvent, MessageEvent } from '@wecc/protocol'
import { WeccError, type OutboxItem } from '@wecc/realtime'
import { describe, expect, it } from 'vitest'

import type { Draft } from './drafts'
import { newestStep, openStep, rowsOf, type Row } from './rows'

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
      ? `${row.by === 'visitor' ? 'own' : row.name}: ${row.bubbles.map((b) => `${b.text} ${b.state}`).join(', ')}`
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

const step = (text: string): AssistedBody => ({
  flow: 'other:1',
  node: text,
  text,
  options: [{ id: 'bill', label: '查话费', key: '1', kind: 'go' }],
  articles: [],
  fields: [],
  question_id: '',
  unsolved_turns: 0,
})
const own = (kind: string, body: object, client_id: string) =>
  event(kind, body, noon, { client_id, sender: { kind: 'visitor', id: 'v1', name: '' } })

describe('self-service', () => {
  const guided = () => [
    event('started', {}, noon),
    event('assisted', step('menu'), noon),
    own('chosen', { node: 'menu', option: 'bill', label: '查话费' }, 'client-1'),
    event('assisted', step('form'), noon),
    own('filled', { node: 'form', fields: [{ name: 'phone', label: '号码', value: '10086' }] }, 'client-2'),
  ]

  it('is a sender of its own, and what answers it is the visitor’s', () => {
    const rows = rowsOf(guided(), [])
    expect(rows.flatMap((row) => (row.type === 'group' ? [row.by] : []))).toEqual([
      'flow',
      'visitor',
      'flow',
      'visitor',
    ])
    expect(shape(rows)).toEqual([
      'day',
      ': menu logged',
      'own: 查话费 logged',
      ': form logged',
      'own:  logged',
    ])
    const filled = rows.at(-1)
    expect(filled?.type === 'group' && filled.bubbles[0]?.fields).toEqual([
      { name: 'phone', label: '号码', value: '10086' },
    ])
  })

  it('hands over in one line; being queued again says nothing', () => {
    const queued = { tier: 'szx', cause: 'asked', since_ms: noon, channel: 'chat', opens_ms: null }
    const events = [
      ...guided(),
      event('queued', queued, noon),
      event('joined', { agent }, noon),
      event('queued', { ...queued, cause: 'agent_gone' }, noon),
    ]
    expect(shape(rowsOf(events, [])).slice(-2)).toEqual(['queued', 'joined'])
    expect(shape(rowsOf([event('started', {}, noon), event('queued', queued, noon)], []))).toEqual([])
  })

  it('greets in the same place before and after the log is there', () => {
    seq = 0
    const sent = [unsent('client-1', noon)]
    const before = rowsOf([], sent, step('menu'))
    const after = rowsOf(
      [
        event('started', {}, noon),
        event('assisted', step('menu'), noon),
        own('chosen', { node: 'menu', option: 'bill', label: 'unsent' }, 'client-1'),
      ],
      [],
      null,
    )
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key))
    expect(rowsOf([], [], step('menu'))).toEqual([])
  })

  it('waits for an answer only to its newest step, and not while one is under way', () => {
    const events = guided().slice(0, 2)
    expect(openStep(events, [])).toBe(events[1]!.seq)
    expect(openStep(events, [unsent('client-1', noon)])).toBeNull()
    expect(openStep(events, [unsent('client-1', noon, 'failed')])).toBe(events[1]!.seq)
    expect(openStep(guided(), [])).toBeNull()
    const more = [...guided(), event('assisted', step('again'), noon)]
    expect(openStep(more, [])).toBe(more.at(-1)!.seq)
    expect(openStep([...more, event('closed', { cause: 'idle' }, noon)], [])).toBeNull()
    expect(newestStep(more)?.text).toBe('again')
  })

  it('shows a refused form where it is put right, not as something unsent', () => {
    const refused = {
      ...unsent('client-3', noon, 'failed'),
      error: new WeccError({ code: 'flow.form_invalid', data: { fields: { phone: 'not_phone' } } }),
    }
    expect(shape(rowsOf(guided().slice(0, 4), [refused])).at(-1)).toBe(': form logged')
  })
})
