import type { Problem, RoutingPlan } from '@wecc/protocol'

import { areSpans, type Fields, type Leaf } from './fields'
import { isZone } from './opening'

export type Unit = 's' | 'min' | 'percent' | ''

/** Bounds are the server's; it checks them again. */
export interface NumberRule {
  readonly low: number
  readonly high: number
  readonly unit: Unit
  readonly isWhole: boolean
  /** May be left empty: no limit. */
  readonly isOptional: boolean
}

const rule = (low: number, high: number, unit: Unit, more: Partial<NumberRule> = {}): NumberRule => ({
  low,
  high,
  unit,
  isWhole: true,
  isOptional: false,
  ...more,
})
const optional = { isOptional: true }
const broken = { isWhole: false }

/** Every number of a plan by its kind of path. */
export const numbers: Readonly<Record<string, NumberRule>> = {
  late_turn: rule(1, 1000, ''),
  offer_timeout_s: rule(3, 600, 's', broken),
  max_misses: rule(1, 20, ''),
  wrap_up_s: rule(0, 3600, 's', broken),
  'tiers.*.max_waiting': rule(0, 1_000_000, '', optional),
  'tiers.*.max_share_percent': rule(1, 100, 'percent', { ...optional, ...broken }),
  'tiers.*.manager_wait_s': rule(0, 3600, 's'),
  'tiers.*.last_agent_min': rule(0, 43_200, 'min'),
  'tiers.*.targets.*.target_percent': rule(1, 100, 'percent', broken),
  'tiers.*.targets.*.threshold_s': rule(1, 604_800, 's', broken),
  'tiers.*.targets.*.window_min': rule(1, 1440, 'min'),
  'groups.*.widened.*': rule(1, 86_400, 's', broken),
  'groups.*.overflow.after_s': rule(1, 86_400, 's', { ...optional, ...broken }),
  'groups.*.overflow.longer_than': rule(0, 1_000_000, '', optional),
  'members.*.capacity': rule(1, 100, ''),
  'members.*.groups.*': rule(1, 9, ''),
}

const collections = new Set(['tiers', 'groups', 'members', 'hours', 'targets', 'widened', 'week', 'holidays'])

const kinds = new Map<string, string>()

/** A path with its codes left out: `tiers.*.targets.*.threshold_s`. Asked of every path at every stroke. */
export function kindOf(path: string): string {
  const known = kinds.get(path)
  if (known !== undefined) return known
  const kind = withoutCodes(path)
  kinds.set(path, kind)
  return kind
}

function withoutCodes(path: string): string {
  let isCode = false
  return path
    .split('.')
    .map((part) => {
      const shown = isCode ? '*' : part
      isCode = !isCode && collections.has(part)
      return shown
    })
    .join('.')
}

/** The number a person typed, full-width digits too; null when empty, undefined when it is none. */
export function numberOf(text: string, { isWhole }: NumberRule): number | null | undefined {
  const plain = text.normalize('NFKC').replaceAll(/[\s,]/g, '')
  if (plain === '') return null
  if (!/^\d{1,9}(\.\d{0,3})?$/.test(plain)) return undefined
  return isWhole ? Math.round(Number(plain)) : Number(plain)
}

/** What can be told without asking the server: numbers out of range or missing, times that are none. */
export function localProblems(fields: Fields): Problem[] {
  const problems: Problem[] = []
  for (const [path, leaf] of fields) {
    const code = problemOf(path, leaf)
    if (code)
      problems.push({ path, code, about: code === 'out_of_range' ? rangeText(path) : String(leaf ?? '') })
  }
  return problems
}

function problemOf(path: string, leaf: Leaf): Problem['code'] | null {
  if (typeof leaf === 'boolean') return null
  const kind = kindOf(path)
  const number = numbers[kind]
  if (number) {
    if (leaf === null) return number.isOptional ? null : 'missing'
    return (leaf as number) < number.low || (leaf as number) > number.high ? 'out_of_range' : null
  }
  if (kind === 'hours.*.week.*' || kind === 'hours.*.holidays.*.open')
    return areSpans(leaf as string) ? null : 'bad_time'
  if (/\.(name_zh|name_en|time_zone)$/.test(kind) && !(leaf as string).trim()) return 'missing'
  if (kind === 'hours.*.time_zone' && !isZone(leaf as string)) return 'bad_zone'
  return null
}

const rangeText = (path: string): string => {
  const { low, high } = numbers[kindOf(path)]!
  return `${low} – ${high}`
}

/** Whether the plan can be put on the wire at all, so that the server can judge it. */
export const isSendable = (problems: readonly Problem[]): boolean =>
  !problems.some(({ path, code }) => code === 'missing' && numbers[kindOf(path)])

/** The server's problem at the field where it is mended: lists are counted there and named here. */
export function fieldPath(path: string, plan: RoutingPlan): string {
  const week = /^hours\.([^.]+)\.week\.(\d+)/.exec(path)
  const hours = (code: string) => plan.hours.find((one) => one.code === code)
  if (week) return `hours.${week[1]}.week.${hours(week[1]!)?.week[Number(week[2])]?.day ?? 1}`
  const holiday = /^hours\.([^.]+)\.holidays\.(\d+)$/.exec(path)
  if (holiday)
    return `hours.${holiday[1]}.holidays.${hours(holiday[1]!)?.holidays[Number(holiday[2])]?.date ?? ''}.open`
  return path
    .replace(/^(groups\.[^.]+\.widened\.[^.]+)\.after_s$/, '$1')
    .replace(/^(members\.[^.]+\.groups\.[^.]+)\.level$/, '$1')
}

/** Both lists, each problem once. */
export function allProblems(
  local: readonly Problem[],
  remote: readonly Problem[],
  plan: RoutingPlan,
): Problem[] {
  const all = [...local, ...remote.map((one) => ({ ...one, path: fieldPath(one.path, plan) }))]
  const known = new Map(all.map((one) => [`${one.path} ${one.code}`, one]))
  return [...known.values()]
}

export const sections = ['policy', 'tiers', 'groups', 'agents', 'hours', 'versions'] as const
export type SectionName = (typeof sections)[number]

/** Where in the desk a field is. */
export function placeOf(path: string): { readonly section: SectionName; readonly item: string | null } {
  const [first, item = null] = path.split('.')
  if (first === 'members') return { section: 'agents', item }
  if (first === 'tiers' || first === 'groups' || first === 'hours') return { section: first, item }
  return { section: 'policy', item: null }
}
