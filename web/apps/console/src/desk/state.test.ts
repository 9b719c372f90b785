import type { AgentSession, Desk, Offer } from '@wecc/protocol'
import { describe, expect, it } from 'vitest'

import { row, tier } from './samples'
import { change, type DeskChange, type DeskState, emptyDesk } from './state'

const session: AgentSession = {
  agent: { id: 'me', name: '林晓雯' },
  login: '1001',
  role: 'agent',
  center_id: 'gd',
  center_name_zh: '',
  center_name_en: '',
  expires_ms: 0,
}
const presence = {
  agent: session.agent,
  state: 'ready',
  reason: '',
  since_ms: 0,
  load: 1,
  capacity: 5,
} as const
const desk: Desk = {
  me: session.agent,
  role: 'agent',
  center_id: 'gd',
  presence,
  offers: [],
  conversations: [row('a')],
  tiers: [tier('vip', 15)],
  colleagues: [],
  canned_replies: [],
  now_ms: 0,
}
const offer = (version: number): Offer => ({
  conversation: row('w', { status: 'waiting' }),
  version,
  deadline_ms: 20_000,
  offered_ms: 0,
  reason: null,
})

const after = (...changes: readonly DeskChange[]): DeskState =>
  changes.reduce(change, change(emptyDesk(session), { type: 'opened', desk }))

describe('conversations', () => {
  it('an older view of a row does not replace a newer one, in whatever order they come', () => {
    const newer = row('a', { last_seq: 5, status: 'closed', is_wrap_up: true })
    const state = after(
      { type: 'conversation', conversation: newer },
      { type: 'conversation', conversation: row('a') },
    )
    expect(state.conversations.get('a')?.last_seq).toBe(5)
  })

  it('what is over leaves the desk', () => {
    const closed = row('a', { last_seq: 2, status: 'closed' })
    expect(after({ type: 'conversation', conversation: closed }).conversations.has('a')).toBe(false)
  })

  it('a fresh desk drops what it does not hold and keeps what was newer here', () => {
    const state = after(
      { type: 'conversation', conversation: row('a', { last_seq: 9 }) },
      { type: 'conversation', conversation: row('gone') },
      { type: 'opened', desk },
    )
    expect([...state.conversations.keys()]).toEqual(['a'])
    expect(state.conversations.get('a')?.last_seq).toBe(9)
  })

  it('marks never go back', () => {
    const marks = { visitor_delivered_seq: 3, visitor_read_seq: 1, agent_delivered_seq: 0, agent_read_seq: 0 }
    const state = after(
      { type: 'marks', conversation_id: 'a', marks },
      {
        type: 'marks',
        conversation_id: 'a',
        marks: { ...marks, visitor_delivered_seq: 2, visitor_read_seq: 2 },
      },
    )
    expect(state.conversations.get('a')?.marks).toMatchObject({
      visitor_delivered_seq: 3,
      visitor_read_seq: 2,
    })
  })
})

describe('offers', () => {
  it('a repeated offer is one card', () => {
    expect(after({ type: 'offer', offer: offer(1) }, { type: 'offer', offer: offer(1) }).offers).toHaveLength(
      1,
    )
  })

  it('a card says why it is over, by the first cause it hears', () => {
    const state = after(
      { type: 'offer', offer: offer(1) },
      { type: 'offer_gone', id: 'w', version: 1, cause: 'expired' },
      { type: 'offer_gone', id: 'w', version: 1, cause: '' },
    )
    expect(state.offers[0]?.gone).toBe('expired')
  })

  it('the end of an old offer does not end a new one', () => {
    const state = after(
      { type: 'offer', offer: offer(1) },
      { type: 'offer', offer: offer(2) },
      { type: 'offer_gone', id: 'w', version: 1, cause: 'expired' },
      { type: 'offer_cleared', id: 'w', version: 1 },
    )
    expect(state.offers).toMatchObject([{ gone: null, offer: { version: 2 } }])
  })
})

it("one's own presence and the colleagues' stand apart", () => {
  const other = { ...presence, agent: { id: 'x', name: '陈志强' }, load: 3 }
  const state = after(
    { type: 'presence', presence: other },
    { type: 'presence', presence: { ...presence, load: 2 } },
  )
  expect(state.presence?.load).toBe(2)
  expect(state.colleagues.get('x')?.load).toBe(3)
})
