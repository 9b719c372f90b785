import { describe, expect, it } from 'vitest'

import { row, tier, waiting } from '../desk/samples'
import { texts } from '../texts'
import { choosable, warningsFor } from './agent-chooser'
import { floor, group, plan, presence, queue } from './samples'
import {
  doesServe,
  gapOf,
  handsOf,
  inHandOf,
  membersOf,
  presencesOf,
  queuesOf,
  settled,
  staffOf,
  standingOf,
  totalsOf,
  waitersOf,
} from './standing'

describe('a tier against its target', () => {
  it.each([
    [{ rate: 95, target: 95 }, 'met'],
    [{ rate: 94.96, target: 95 }, 'met'], // what is shown as 95% of 95% is not called missed
    [{ rate: 94.9, target: 95 }, 'near'],
    [{ rate: 90, target: 95 }, 'near'],
    [{ rate: 89.9, target: 95 }, 'missed'],
    [{ rate: 100, target: 95, asked: 0 }, 'none'],
  ])('%o is %s', (figures, standing) => expect(standingOf({ asked: 20, ...figures })).toBe(standing))

  it('counts the gap in tenths of a point', () => expect(gapOf({ rate: 87.26, target: 95 })).toBe(-7.7))
})

describe('rows', () => {
  const tiers = new Map(
    [
      { ...tier('szx', 60), rank: 60 },
      { ...tier('vip', 15), rank: 90 },
      { ...tier('group_key', 20), rank: 90 },
    ].map((one) => [one.code, one]),
  )

  it('are ordered by rank, whatever the figures and however the server lists them', () => {
    const calm = floor({ queues: [queue('szx'), queue('group_key'), queue('vip')] })
    const busy = floor({ queues: [queue('vip', { rate: 10, waiting: 9 }), queue('szx'), queue('group_key')] })
    const order = ['vip', 'group_key', 'szx']
    expect(queuesOf(calm, tiers).map((one) => one.tier)).toEqual(order)
    expect(queuesOf(busy, tiers).map((one) => one.tier)).toEqual(order)
  })

  it('of channels nobody uses are left out, and stand beside their tier once somebody does', () => {
    const queues = [
      queue('vip', { channel: 'callback', asked: 0 }),
      queue('vip', { channel: 'voice', asked: 0, waiting: 1 }),
      queue('szx'),
      queue('vip', { asked: 0 }),
    ]
    expect(queuesOf(floor({ queues }), tiers).map((one) => [one.tier, one.channel])).toEqual([
      ['vip', 'chat'],
      ['vip', 'voice'],
      ['szx', 'chat'],
    ])
  })

  it('of a tier that is no longer known come last', () => {
    const queues = [queue('gone'), queue('szx'), queue('gone', { channel: 'message', waiting: 2 })]
    expect(queuesOf(floor({ queues }), tiers).map((one) => one.tier)).toEqual(['szx', 'gone', 'gone'])
  })

  it('of messages come after all who wait', () => {
    const queues = [queue('vip', { channel: 'message', waiting: 2 }), queue('szx'), queue('vip')]
    expect(queuesOf(floor({ queues }), tiers).map((one) => [one.tier, one.channel])).toEqual([
      ['vip', 'chat'],
      ['szx', 'chat'],
      ['vip', 'message'],
    ])
  })

  it('that did not change stay the same objects', () => {
    const before = floor()
    const after = settled(
      before,
      floor({ at_ms: 2_000_000, queues: [queue('vip'), queue('szx', { waiting: 1 })] }),
    )
    expect(after.queues[0]).toBe(before.queues[0])
    expect(after.queues[1]).toEqual(queue('szx', { waiting: 1 }))
    expect(after.groups).toBe(before.groups)
    expect(after.at_ms).toBe(2_000_000)
  })

  it('that went are gone', () => {
    expect(settled(floor(), floor({ groups: [group('key_accounts')] })).groups).toHaveLength(1)
  })
})

it('adds up what waits and who is on target, leaving out what says nothing, messages apart', () => {
  const queues = [
    queue('vip', { rate: 90, target: 95, waiting: 2, waiting_since_ms: 500 }),
    queue('roaming', { waiting: 1, waiting_since_ms: 300 }),
    queue('szx', { asked: 0 }),
    queue('vip', { channel: 'message', rate: 0, waiting: 4, waiting_since_ms: 1 }),
  ]
  expect(totalsOf(queues)).toEqual({
    count: 3,
    waiting: 3,
    messages: 4,
    waiting_since_ms: 300,
    met: 1,
    rated: 2,
  })
  expect(totalsOf([]).waiting_since_ms).toBeNull()
})

describe('agents', () => {
  it.each([
    [presence('a'), 'free'],
    [presence('a', { load: 5 }), 'busy'],
    [presence('a', { load: 6 }), 'busy'],
    [presence('a', { state: 'paused' }), 'paused'],
    [presence('a', { state: 'unstable' }), 'unstable'],
    [presence('a', { state: 'offline' }), 'away'],
    [undefined, 'away'],
  ])('%o is %s', (one, hands) => expect(handsOf(one)).toBe(hands))

  it('are counted once, however many groups they are in, the one who looks among them', () => {
    const desk = {
      me: { id: 'me' },
      presence: presence('me', { state: 'paused' }),
      colleagues: new Map([['a', presence('a')]]),
    }
    const presences = presencesOf(desk)
    expect(staffOf(['a', 'me', 'a', 'b', ...presences.keys()], presences)).toEqual({
      free: 1,
      busy: 0,
      paused: 1,
      unstable: 0,
      away: 1,
    })
  })
})

describe('looked at closely', () => {
  const center = plan(
    { key: ['vip', 'roaming'], mass: ['szx'] },
    { lin: ['key'], wang: ['mass'], zhao: ['key', 'mass'], nobody: [] },
  )

  it('a tier has who waits in it, the longest first', () => {
    const conversations = [
      waiting('message', 10, { is_message: true }),
      waiting('b', 2_000),
      waiting('a', 1_000),
      waiting('other', 500, { tier: 'szx' }),
      row('served'),
    ]
    expect(waitersOf(conversations, 'vip').map((one) => one.id)).toEqual(['a', 'b', 'message'])
  })

  it('a group has its members', () => expect(membersOf(center, 'key')).toEqual(['lin', 'zhao']))

  it('an agent has his conversations, wrap-ups last', () => {
    const conversations = [
      row('wrap-up', { status: 'closed', is_wrap_up: true, started_ms: 1 }),
      row('new', { started_ms: 3_000 }),
      row('old', { started_ms: 2_000 }),
      row('closed', { status: 'closed' }),
      row('of another', { agent: { id: 'wang', name: '王建国' } }),
    ]
    expect(inHandOf(conversations, 'me').map((one) => one.id)).toEqual(['old', 'new', 'wrap-up'])
  })

  it('an agent serves what his groups serve, also once they are widened', () => {
    const wide = {
      ...center,
      groups: center.groups.map((one) =>
        one.code === 'mass' ? { ...one, widened: [{ tier: 'vip', after_s: 30 }] } : one,
      ),
    }
    expect(doesServe(center, 'lin', 'vip')).toBe(true)
    expect(doesServe(center, 'wang', 'vip')).toBe(false)
    expect(doesServe(wide, 'wang', 'vip')).toBe(true)
    expect(doesServe(center, 'stranger', 'vip')).toBe(false)
  })

  it('a customer is assigned to who is fit first; who is away comes last', () => {
    const all = [
      presence('nobody'),
      presence('away', { state: 'offline' }),
      presence('zhao', { load: 5 }),
      presence('lin', { load: 2 }),
      presence('wang', { state: 'paused' }),
    ]
    expect(choosable(all, center, 'vip').map((one) => one.agent.id)).toEqual([
      'lin',
      'zhao',
      'nobody',
      'wang',
      'away',
    ])
  })

  it('an assignment past the plan says everything that speaks against it', () => {
    const words = texts['zh-CN']
    const full = presence('wang', { load: 5, state: 'paused' })
    expect(warningsFor(full, center, 'vip', '全球通VIP', words)).toEqual([
      '座席wang已有 5 个会话，上限 5 个。',
      '座席wang所在的座席群不服务全球通VIP。',
      '座席wang正在暂停。',
    ])
    expect(warningsFor(presence('lin'), center, 'vip', '全球通VIP', words)).toEqual([])
  })
})
