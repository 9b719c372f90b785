import type {
  ConversationSummary,
  Floor,
  GroupNow,
  Presence,
  QueueNow,
  RoutingPlan,
  TierView,
} from '@wecc/protocol'

/** How a tier stands to its target; `none`: nobody has asked, so the rate says nothing. */
export type Standing = 'met' | 'near' | 'missed' | 'none'

/** So few points below the target a tier can still recover within minutes. */
const NEAR_PP = 5

/** Rate minus target, to the tenth that is shown. */
export const gapOf = ({ rate, target }: Pick<QueueNow, 'rate' | 'target'>): number =>
  Math.round((rate - target) * 10) / 10

export function standingOf(queue: Pick<QueueNow, 'rate' | 'target' | 'asked'>): Standing {
  if (queue.asked === 0) return 'none'
  const gap = gapOf(queue)
  return gap >= 0 ? 'met' : gap >= -NEAR_PP ? 'near' : 'missed'
}

const channels: readonly QueueNow['channel'][] = ['chat', 'voice', 'callback', 'message']

/** Messages wait for hours and nobody waits with them: they are told apart from customers who do. */
export const isMessage = (queue: QueueNow): boolean => queue.channel === 'message'

/**
 * The queues worth a row: chats always, other channels once somebody asked or waits there. Ordered by the
 * rank of their tier, messages last, never by their figures: no row jumps.
 */
export function queuesOf(floor: Floor, tiers: ReadonlyMap<string, TierView>): readonly QueueNow[] {
  const order = new Map([...tiers.values()].sort((a, b) => b.rank - a.rank).map((one, at) => [one.code, at]))
  const placeOf = ({ tier }: QueueNow) => order.get(tier) ?? order.size
  return floor.queues
    .filter((one) => one.channel === 'chat' || one.asked > 0 || one.waiting > 0)
    .sort(
      (a, b) =>
        Number(isMessage(a)) - Number(isMessage(b)) ||
        placeOf(a) - placeOf(b) ||
        channels.indexOf(a.channel) - channels.indexOf(b.channel),
    )
}

export interface Totals {
  readonly count: number
  /** Customers who wait now. */
  readonly waiting: number
  readonly messages: number
  readonly waiting_since_ms: number | null
  readonly met: number
  /** Queues whose rate says something. */
  readonly rated: number
}

export function totalsOf(all: readonly QueueNow[]): Totals {
  const queues = all.filter((one) => !isMessage(one))
  const since = queues.map((one) => one.waiting_since_ms).filter((one) => one !== null)
  const rated = queues.filter((one) => one.asked > 0)
  return {
    count: queues.length,
    waiting: queues.reduce((sum, one) => sum + one.waiting, 0),
    messages: all.filter(isMessage).reduce((sum, one) => sum + one.waiting, 0),
    waiting_since_ms: since.length ? Math.min(...since) : null,
    met: rated.filter((one) => standingOf(one) === 'met').length,
    rated: rated.length,
  }
}

/** What an agent can do now; `busy` is ready but full. */
export type Hands = 'free' | 'busy' | 'paused' | 'unstable' | 'away'

export function handsOf(presence: Presence | undefined): Hands {
  if (!presence || presence.state === 'offline') return 'away'
  if (presence.state !== 'ready') return presence.state
  return presence.load < presence.capacity ? 'free' : 'busy'
}

/** Agents by what they can do; each once, though groups overlap. */
export function staffOf(
  agentIds: Iterable<string>,
  presences: ReadonlyMap<string, Presence>,
): Readonly<Record<Hands, number>> {
  const staff = { free: 0, busy: 0, paused: 0, unstable: 0, away: 0 }
  for (const id of new Set(agentIds)) staff[handsOf(presences.get(id))] += 1
  return staff
}

/** Everybody's presence, one's own too. */
export function presencesOf(desk: {
  readonly me: { readonly id: string }
  readonly presence: Presence | null
  readonly colleagues: ReadonlyMap<string, Presence>
}): ReadonlyMap<string, Presence> {
  return desk.presence ? new Map(desk.colleagues).set(desk.me.id, desk.presence) : desk.colleagues
}

export const membersOf = (plan: RoutingPlan, group: string): readonly string[] =>
  plan.members.filter((one) => one.groups.some((two) => two.group === group)).map((one) => one.agent_id)

export const groupsServing = (plan: RoutingPlan, tier: string): readonly string[] =>
  plan.groups
    .filter((one) => one.tiers.includes(tier) || one.widened.some((two) => two.tier === tier))
    .map((one) => one.code)

/** Whether routing itself could ever give the agent this tier's customers. */
export function doesServe(plan: RoutingPlan, agentId: string, tier: string): boolean {
  const serving = new Set(groupsServing(plan, tier))
  return plan.members.some(
    (one) => one.agent_id === agentId && one.groups.some(({ group }) => serving.has(group)),
  )
}

/** Who waits in a tier, the longest first; those who left a message and went come last. */
export const waitersOf = (
  conversations: Iterable<ConversationSummary>,
  tier: string,
): readonly ConversationSummary[] =>
  [...conversations]
    .filter((one) => one.status === 'waiting' && one.tier === tier)
    .sort(
      (a, b) =>
        Number(a.is_message) - Number(b.is_message) ||
        (a.waiting_since_ms ?? 0) - (b.waiting_since_ms ?? 0) ||
        (a.id < b.id ? -1 : 1),
    )

/** What an agent has in hand, wrap-ups last. */
export const inHandOf = (
  conversations: Iterable<ConversationSummary>,
  agentId: string,
): readonly ConversationSummary[] =>
  [...conversations]
    .filter((one) => one.agent?.id === agentId && (one.status === 'active' || one.is_wrap_up))
    .sort(
      (a, b) =>
        Number(a.is_wrap_up) - Number(b.is_wrap_up) || a.started_ms - b.started_ms || (a.id < b.id ? -1 : 1),
    )

/** Rows that did not change stay the same objects, so they are not drawn again. */
export function settled(known: Floor | null, next: Floor): Floor {
  if (!known) return next
  return {
    ...next,
    queues: kept(known.queues, next.queues, (one) => `${one.tier}/${one.channel}`),
    groups: kept(known.groups, next.groups, (one) => one.group),
  }
}

function kept<T extends QueueNow | GroupNow>(
  known: readonly T[],
  next: readonly T[],
  keyOf: (row: T) => string,
): readonly T[] {
  const byKey = new Map(known.map((row) => [keyOf(row), row]))
  const rows = next.map((row) => {
    const old = byKey.get(keyOf(row))
    return old && isSame(old, row) ? old : row
  })
  return rows.length === known.length && rows.every((row, at) => row === known[at]) ? known : rows
}

const isSame = (a: object, b: object): boolean => {
  const [some, other] = [Object.entries(a), Object.entries(b)]
  return (
    some.length === other.length &&
    some.every(([key, value]) => (b as Record<string, unknown>)[key] === value)
  )
}
