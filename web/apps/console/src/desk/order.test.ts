import { describe, expect, it } from 'vitest'

import { neighbour, rowsOf, urgency } from './order'
import { row, tier, waiting } from './samples'

const ids = (rows: readonly { id: string }[]) => rows.map((one) => one.id)

describe('rowsOf', () => {
  const preview = (at_ms: number) => ({ preview: { text: '', sender_kind: 'agent' as const, at_ms } })

  it('puts the longest unanswered first, then the newest words, then wrap-ups by the time left', () => {
    const rows = [
      row('answered-old', preview(10)),
      row('wrap-late', { status: 'closed', is_wrap_up: true, wrap_up_until_ms: 900 }),
      row('unanswered-new', { unanswered_since_ms: 300 }),
      row('answered-new', preview(20)),
      row('wrap-soon', { status: 'closed', is_wrap_up: true, wrap_up_until_ms: 500 }),
      row('unanswered-old', { unanswered_since_ms: 100 }),
    ]
    expect(ids(rowsOf('mine', rows, 'me'))).toEqual([
      'unanswered-old',
      'unanswered-new',
      'answered-new',
      'answered-old',
      'wrap-soon',
      'wrap-late',
    ])
  })

  it('puts messages that were left below whoever waits, and above the answered', () => {
    const rows = [
      waiting('message-old', 10, { is_message: true }),
      row('answered', preview(900)),
      waiting('live', 500),
      row('unanswered', { unanswered_since_ms: 600 }),
      waiting('message-new', 20, { is_message: true }),
    ]
    expect(ids(rowsOf('all', rows, 'me'))).toEqual([
      'live',
      'unanswered',
      'message-old',
      'message-new',
      'answered',
    ])
    expect(ids(rowsOf('waiting', rows, 'me'))).toEqual(['live', 'message-old', 'message-new'])
  })

  it('shares the conversations out to the tabs', () => {
    const rows = [
      row('mine'),
      row('theirs', { agent: { id: 'other', name: '' } }),
      waiting('late', 50),
      waiting('later', 90),
      row('my-wrap-up', { status: 'closed', is_wrap_up: true }),
      row('closed', { status: 'closed' }),
    ]
    expect(ids(rowsOf('mine', rows, 'me'))).toEqual(['mine', 'my-wrap-up'])
    expect(ids(rowsOf('waiting', rows, 'me'))).toEqual(['late', 'later'])
    expect(new Set(ids(rowsOf('all', rows, 'me')))).toEqual(
      new Set(['mine', 'theirs', 'late', 'later', 'my-wrap-up']),
    )
  })

  it('does not depend on the order in which rows arrive', () => {
    const rows = [row('b'), row('a'), row('c')]
    expect(ids(rowsOf('mine', rows, 'me'))).toEqual(ids(rowsOf('mine', [...rows].reverse(), 'me')))
  })
})

describe('urgency', () => {
  it('is measured by what the tier was promised', () => {
    expect(urgency(5_000, tier('vip', 15)).level).toBe('calm')
    expect(urgency(10_000, tier('vip', 15)).level).toBe('soon')
    expect(urgency(15_000, tier('vip', 15))).toEqual({ share: 1, level: 'over' })
    expect(urgency(15_000, tier('other', 90)).level).toBe('calm')
    expect(urgency(-5, tier('vip', 15)).share).toBe(0)
  })
})

describe('neighbour', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
  it('goes round', () => {
    expect(neighbour(rows, 'c', 1)).toBe('a')
    expect(neighbour(rows, 'a', -1)).toBe('c')
  })
  it('starts at an end', () => {
    expect(neighbour(rows, null, 1)).toBe('a')
    expect(neighbour(rows, 'gone', -1)).toBe('c')
    expect(neighbour([], 'a', 1)).toBeNull()
  })
})
