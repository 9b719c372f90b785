import type { HoursPlan, OverflowPlan, PlanAgent, RoutingPlan, TargetPlan, TierPlan } from '@wecc/protocol'

export type Leaf = string | number | boolean | null

/**
 * A plan as one value a path (`tiers.vip.targets.chat.threshold_s`), in the words in which the server names
 * problems. To compare, merge and undo plans is then to compare, merge and set entries of a map. Sets are
 * entries too: `groups.g.tiers.vip` is there or not, `members.a.groups.g` is the level. A required number that
 * is not filled in is null.
 */
export type Fields = ReadonlyMap<string, Leaf>

/** New values by path; undefined takes the entry away. */
export type Patch = ReadonlyMap<string, Leaf | undefined>

const POLICY = [
  'policy',
  'favours_high_target_when_met',
  'favours_high_target_when_missed',
  'late_turn',
  'agent_choice',
  'offer_timeout_s',
  'max_misses',
  'wrap_up_s',
] as const
const TARGET = ['target_percent', 'threshold_s', 'window_min', 'abandons'] as const
const TIER = [
  'is_subordinate',
  'max_waiting',
  'max_share_percent',
  'hours',
  'manager_wait_s',
  'last_agent_min',
] as const
const NAMES = ['name_zh', 'name_en'] as const
const OVERFLOW = ['to', 'after_s', 'longer_than'] as const
const CAPACITY = 5
const DAYS = [1, 2, 3, 4, 5, 6, 7] as const

/** Agents the plan does not name are in no group and take as many at once as the server assumes. */
export function fieldsOf(plan: RoutingPlan, agents: readonly PlanAgent[] = []): Fields {
  const fields = new Map<string, Leaf>()
  const put = <K extends string>(at: string, part: Readonly<Record<K, Leaf>>, keys: readonly K[]) => {
    for (const key of keys) fields.set(at + key, part[key])
  }
  put('', plan, POLICY)
  for (const tier of plan.tiers) {
    put(`tiers.${tier.code}.`, tier, TIER)
    for (const target of tier.targets) put(`tiers.${tier.code}.targets.${target.channel}.`, target, TARGET)
  }
  for (const group of plan.groups) {
    const at = `groups.${group.code}.`
    put(at, group, NAMES)
    for (const tier of group.tiers) fields.set(`${at}tiers.${tier}`, true)
    for (const step of group.widened) fields.set(`${at}widened.${step.tier}`, step.after_s)
    if (group.overflow) put(`${at}overflow.`, group.overflow, OVERFLOW)
  }
  for (const member of plan.members) {
    const at = `members.${member.agent_id}.`
    fields.set(`${at}capacity`, member.capacity)
    for (const { group, level } of member.groups) fields.set(`${at}groups.${group}`, level)
  }
  for (const { agent } of agents) {
    const path = `members.${agent.id}.capacity`
    if (!fields.has(path)) fields.set(path, CAPACITY)
  }
  for (const hours of plan.hours) {
    const at = `hours.${hours.code}.`
    put(at, hours, NAMES)
    fields.set(`${at}time_zone`, hours.time_zone)
    for (const day of DAYS)
      fields.set(`${at}week.${day}`, spansText(hours.week.filter((one) => one.day === day)))
    for (const holiday of hours.holidays) {
      fields.set(`${at}holidays.${holiday.date}.name`, holiday.name)
      fields.set(`${at}holidays.${holiday.date}.open`, holiday.opens ? spansText([holiday]) : '')
    }
  }
  return fields
}

/** The plan that the fields say, in their order. */
export function planOf(fields: Fields): RoutingPlan {
  const root = new Tree()
  for (const [path, leaf] of fields) root.put(path.split('.'), leaf)
  return {
    ...root.leaves<Pick<RoutingPlan, (typeof POLICY)[number]>>(POLICY),
    tiers: root.under('tiers').map(([code, tier]) => ({
      ...tier.leaves<Omit<TierPlan, 'code' | 'targets'>>(TIER),
      code,
      targets: tier.under('targets').map(([channel, target]) => ({
        ...target.leaves<Omit<TargetPlan, 'channel'>>(TARGET),
        channel: channel as TargetPlan['channel'],
      })),
    })),
    groups: root.under('groups').map(([code, group]) => {
      const overflow = group.branches.get('overflow')
      return {
        ...group.leaves<Named>(NAMES),
        code,
        tiers: group.values('tiers').map(([tier]) => tier),
        widened: group.values('widened').map(([tier, after_s]) => ({ tier, after_s: after_s as number })),
        overflow: overflow ? overflow.leaves<OverflowPlan>(OVERFLOW) : null,
      }
    }),
    members: root.under('members').map(([agent_id, member]) => ({
      agent_id,
      capacity: member.own.get('capacity') as number,
      groups: member.values('groups').map(([group, level]) => ({ group, level: level as number })),
    })),
    hours: root.under('hours').map(([code, hours]) => ({
      ...hours.leaves<Named>(NAMES),
      code,
      time_zone: hours.own.get('time_zone') as string,
      week: hours.values('week').flatMap(([day, text]) => openingsOf(Number(day), text as string)),
      holidays: hours.under('holidays').map(([date, holiday]) => ({
        date,
        name: holiday.own.get('name') as string,
        ...{ opens: '', closes: '', ...spansOf(holiday.own.get('open') as string)[0] },
      })),
    })),
  }
}

/** With the patch applied, in the order of `like`; what that does not have comes last. */
export function patched(fields: Fields, patch: Patch, like: Fields): Fields {
  const next = new Map(fields)
  for (const [path, leaf] of patch) {
    if (leaf === undefined) next.delete(path)
    else next.set(path, leaf)
  }
  return inOrder(next, like)
}

export function inOrder(fields: Fields, like: Fields): Fields {
  const ordered = new Map<string, Leaf>()
  for (const path of like.keys()) if (fields.has(path)) ordered.set(path, fields.get(path)!)
  for (const [path, leaf] of fields) ordered.set(path, leaf)
  return ordered
}

export function areSame(a: Fields, b: Fields): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [path, leaf] of a) if (!b.has(path) || b.get(path) !== leaf) return false
  return true
}

/** All paths at or under `path`. */
export const pathsUnder = (fields: Fields, path: string): string[] =>
  [...fields.keys()].filter((one) => isUnder(one, path))

export const isUnder = (path: string, above: string): boolean =>
  path === above || path.startsWith(`${above}.`)

/** The patch that takes an entry away with everything under it. */
export const without = (fields: Fields, path: string): Patch =>
  new Map(pathsUnder(fields, path).map((one) => [one, undefined]))

interface Span {
  readonly opens: string
  readonly closes: string
}

/** `09:00–12:00, 13:00–18:00`; empty is closed. */
export const spansText = (spans: readonly Span[]): string =>
  [...spans]
    .sort((a, b) => (a.opens < b.opens ? -1 : 1))
    .map(({ opens, closes }) => (closes ? `${opens}–${closes}` : opens))
    .join(', ')

/** What `spansText` wrote, or a person typed (`9-12, 1330-18`); what is no span has an empty `closes`. */
export function spansOf(text: string): Span[] {
  return text
    .normalize('NFKC')
    .replaceAll(/\s*[–—~至到-]\s*/g, '–')
    .split(/[,;、\s]+/)
    .filter((part) => part !== '')
    .map((part) => {
      const times = part.split('–').map(timeOf)
      const [opens, closes] = times
      return times.length === 2 && opens && closes
        ? { opens, closes: closes === '00:00' ? '24:00' : closes }
        : { opens: part, closes: '' }
    })
}

/** Whether every part is a span of a day, the first time before the second. */
export const areSpans = (text: string): boolean =>
  spansOf(text).every(({ opens, closes }) => closes !== '' && opens < closes)

/** `9`, `9:30`, `0930` as `HH:MM`; empty when it is no time. */
function timeOf(text: string): string {
  const parts = /^(\d{1,2})(?::?(\d{2}))?$/.exec(text)
  if (!parts) return ''
  const [hour, minute] = [Number(parts[1]), Number(parts[2] ?? 0)]
  if (hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return ''
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

const openingsOf = (day: number, text: string): HoursPlan['week'][number][] =>
  spansOf(text).map((span) => ({ day, ...span }))

type Named = Pick<HoursPlan, (typeof NAMES)[number]>

class Tree {
  readonly own = new Map<string, Leaf>()
  readonly branches = new Map<string, Tree>()

  put([first, ...rest]: readonly string[], leaf: Leaf): void {
    if (rest.length === 0) return void this.own.set(first!, leaf)
    const branch = this.branches.get(first!) ?? new Tree()
    this.branches.set(first!, branch)
    branch.put(rest, leaf)
  }

  /** The caller knows what type the fields of these names have; a plan of the wire made them. */
  leaves<T>(keys: readonly (keyof T & string)[]): T {
    return Object.fromEntries(keys.map((key) => [key, this.own.get(key) ?? null])) as T
  }

  under(name: string): (readonly [string, Tree])[] {
    return [...(this.branches.get(name)?.branches ?? [])]
  }

  values(name: string): (readonly [string, Leaf])[] {
    return [...(this.branches.get(name)?.own ?? [])]
  }
}
