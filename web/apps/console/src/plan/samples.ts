import type { PlanAgent, PlanCheck, PlanView, RoutingPlan, TierView } from '@wecc/protocol'

/** A made-up plan for tests: three tiers, two groups, three agents, one calendar. */
export const plan: RoutingPlan = {
  policy: 'gap',
  favours_high_target_when_met: false,
  favours_high_target_when_missed: false,
  late_turn: 5,
  agent_choice: 'least_occupied',
  offer_timeout_s: 20,
  max_misses: 3,
  wrap_up_s: 30,
  tiers: [tierPlan('vip', 95, 15), tierPlan('signed', 85, 30), tierPlan('szx', 75, 60)],
  groups: [
    {
      code: 'key',
      name_zh: '大客户座席群',
      name_en: 'Key accounts',
      tiers: ['vip'],
      widened: [{ tier: 'signed', after_s: 40 }],
      overflow: { to: 'mass', after_s: 60, longer_than: null },
    },
    {
      code: 'mass',
      name_zh: '大众客户座席群',
      name_en: 'Mass market',
      tiers: ['signed', 'szx'],
      widened: [],
      overflow: null,
    },
  ],
  members: [
    { agent_id: 'a1', capacity: 5, groups: [{ group: 'key', level: 1 }] },
    {
      agent_id: 'a2',
      capacity: 4,
      groups: [
        { group: 'key', level: 2 },
        { group: 'mass', level: 1 },
      ],
    },
    { agent_id: 'a3', capacity: 5, groups: [{ group: 'mass', level: 3 }] },
  ],
  hours: [
    {
      code: 'office',
      name_zh: '工作时间',
      name_en: 'Office hours',
      time_zone: 'Asia/Shanghai',
      week: [1, 2, 3, 4, 5].flatMap((day) => [
        { day, opens: '09:00', closes: '12:00' },
        { day, opens: '13:00', closes: '18:00' },
      ]),
      holidays: [{ date: '2026-10-01', name: '国庆节', opens: '', closes: '' }],
    },
  ],
}

function tierPlan(code: string, target_percent: number, threshold_s: number): RoutingPlan['tiers'][number] {
  const promise = { target_percent, window_min: 15, abandons: 'negative' } as const
  return {
    code,
    targets: [
      { channel: 'chat', threshold_s, ...promise },
      { channel: 'message', threshold_s: 14_400, ...promise },
    ],
    is_subordinate: code === 'szx',
    max_waiting: null,
    max_share_percent: null,
    hours: '',
    manager_wait_s: 0,
    last_agent_min: 0,
  }
}

const agent = (id: string, name: string, login: string): PlanAgent => ({ agent: { id, name }, login })

export const agents: readonly PlanAgent[] = [
  agent('a1', '李晓雯', '1001'),
  agent('a2', '王建国', '1002'),
  agent('a3', '陈思远', '1003'),
]

export const view = (version: number, its = plan): PlanView => ({
  version: { version, saved_ms: 1_000 * version, saved_by: { id: 's1', name: '赵敏' }, comment: '' },
  plan: its,
  agents,
})

export const tiers: readonly TierView[] = [
  tierView('vip', '全球通VIP', 'GoTone VIP', 95, 15),
  tierView('signed', '普通签约客户', 'GoTone, signed', 85, 30),
  tierView('szx', '神州行', 'Easyown', 75, 60),
]

function tierView(
  code: string,
  name_zh: string,
  name_en: string,
  target: number,
  threshold_s: number,
): TierView {
  return {
    code,
    name_zh,
    name_en,
    rank: target,
    is_subordinate: code === 'szx',
    chat_threshold_s: threshold_s,
    chat_target_percent: target,
  }
}

export const check: PlanCheck = {
  problems: [],
  groups: [
    { group: 'key', agents: 2, is_small: true, occupancy_percent: 18 },
    { group: 'mass', agents: 2, is_small: true, occupancy_percent: 21 },
  ],
  staffing: [
    { agents: 3, occupancy_percent: 33.3 },
    { agents: 8, occupancy_percent: 62.5 },
    { agents: 14, occupancy_percent: 71.4 },
    { agents: 30, occupancy_percent: 83.3 },
    { agents: 56, occupancy_percent: 89.3 },
    { agents: 107, occupancy_percent: 93.5 },
    { agents: 309, occupancy_percent: 97.1 },
  ],
  handling_s: 180,
}
