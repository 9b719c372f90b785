import type { Floor, GroupNow, Presence, QueueNow, RoutingPlan } from '@wecc/protocol'

/** Made-up figures for tests. */
export const queue = (tier: string, change: Partial<QueueNow> = {}): QueueNow => ({
  tier,
  channel: 'chat',
  waiting: 0,
  waiting_since_ms: null,
  rate: 90,
  target: 85,
  threshold_s: 30,
  window_min: 30,
  asked: 20,
  abandoned: 1,
  mean_excess_s: 2.5,
  late_decisions: 0,
  agents_ready: 3,
  ...change,
})

export const group = (code: string, change: Partial<GroupNow> = {}): GroupNow => ({
  group: code,
  free: 2,
  busy: 1,
  paused: 0,
  unstable: 0,
  load: 6,
  capacity: 15,
  ...change,
})

export const floor = (change: Partial<Floor> = {}): Floor => ({
  at_ms: 1_000_000,
  policy: 'gap',
  queues: [queue('vip'), queue('szx')],
  groups: [group('key_accounts'), group('mass_market')],
  infeasible_since_ms: null,
  ...change,
})

export const presence = (id: string, change: Partial<Presence> = {}): Presence => ({
  agent: { id, name: `座席${id}` },
  state: 'ready',
  reason: '',
  since_ms: 1_000,
  load: 1,
  capacity: 5,
  ...change,
})

/** `members`: each agent's groups; `groups`: the tiers each serves. */
export const plan = (
  groups: Readonly<Record<string, readonly string[]>>,
  members: Readonly<Record<string, readonly string[]>>,
): RoutingPlan => ({
  policy: 'gap',
  favours_high_target_when_met: false,
  favours_high_target_when_missed: false,
  late_turn: 5,
  agent_choice: 'least_occupied',
  offer_timeout_s: 20,
  max_misses: 3,
  wrap_up_s: 30,
  tiers: [],
  groups: Object.entries(groups).map(([code, tiers]) => ({
    code,
    name_zh: code,
    name_en: code,
    tiers,
    widened: [],
    overflow: null,
  })),
  members: Object.entries(members).map(([agent_id, codes]) => ({
    agent_id,
    capacity: 5,
    groups: codes.map((code) => ({ group: code, level: 1 })),
  })),
  hours: [],
})
