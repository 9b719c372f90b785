import type { Locale, Problem, TierView } from '@wecc/protocol'

import { tierName } from '../desk/reason'
import type { Change } from './changes'
import type { Conflict } from './merge'
import type { Fields, Leaf } from './fields'
import { kindOf, numbers, type Unit } from './rules'
import type { PlanTexts } from './texts'

/** What codes are called, for a person. */
export interface Names {
  readonly tier: (code: string) => string
  readonly group: (code: string) => string
  readonly agent: (id: string) => string
  readonly hours: (code: string) => string
}

/** Names by the draft, then by the plan it began with: what was removed is still called by its name. */
export function namesOf(
  draft: Fields,
  base: Fields,
  agents: ReadonlyMap<string, string>,
  tiers: ReadonlyMap<string, TierView>,
  locale: Locale,
): Names {
  const key = locale === 'zh-CN' ? 'name_zh' : 'name_en'
  const named = (part: string) => (code: string) =>
    String(draft.get(`${part}.${code}.${key}`) || base.get(`${part}.${code}.${key}`) || code)
  return {
    tier: (code) => tierName(tiers, code, locale),
    group: named('groups'),
    agent: (id) => agents.get(id) ?? id,
    hours: named('hours'),
  }
}

/** A change for a list: what it is about, what of it, and from what to what (empty for what came or went). */
export interface Told {
  readonly where: string
  readonly what: string
  readonly values: string
}

const NAMED_AGENTS = 2

export function tell(change: Change, names: Names, texts: PlanTexts): Told {
  const { path, kind } = change
  const agents = change.paths.flatMap((one) => /^members\.([^.]+)/.exec(one)?.[1] ?? [])
  if (kind !== 'set') {
    const part = partOf(path)
    const what = kind === 'added' ? texts.partAdded(texts.parts[part]) : texts.partRemoved(texts.parts[part])
    return { where: whereOf(path, names, texts), what, values: '' }
  }
  const membership = /^members\.[^.]+\.(?:groups\.([^.]+)|capacity)$/.exec(path)
  return {
    where: membership ? agentList(agents, names, texts) : whereOf(path, names, texts),
    what: membership?.[1] ? names.group(membership[1]) : fieldName(path, names, texts),
    values: texts.fromTo(
      valueText(path, change.from, names, texts),
      valueText(path, change.to, names, texts),
    ),
  }
}

/** In one line: `全球通VIP · 文字：时限 15 秒 → 20 秒`. */
export const sentence = ({ where, what, values }: Told, texts: PlanTexts): string =>
  [where && where + texts.colon, what, values && ` ${values}`].join('')

export function tellConflict({ path, mine, theirs }: Conflict, names: Names, texts: PlanTexts) {
  const isPart = typeof mine === 'boolean' && typeof theirs === 'boolean' && !isSwitch(path)
  const side = (value: Leaf | undefined) =>
    isPart ? (value ? texts.conflict.there : texts.conflict.gone) : valueText(path, value, names, texts)
  return {
    where: whereOf(path, names, texts),
    what: isPart ? texts.parts[partOf(path)] : fieldName(path, names, texts),
    mine: side(mine),
    theirs: side(theirs),
  }
}

/** What is wrong, without saying where. */
export function problemText({ path, code, about }: Problem, names: Names, texts: PlanTexts): string {
  if (code === 'missing' && /^groups\.[^.]+\.tiers$/.test(path)) return texts.problemNoTiers
  return texts.problems[code](aboutText(path, code, about, names, texts))
}

function aboutText(
  path: string,
  code: Problem['code'],
  about: string,
  names: Names,
  texts: PlanTexts,
): string {
  if (!about) return ''
  if (code === 'cycle') return names.group(about)
  if (code === 'missing')
    return path.includes('.targets.') ? (texts.channels[about] ?? about) : names.tier(about)
  if (code === 'duplicate' && /\.(tiers|widened)/.test(path)) return names.tier(about)
  return about
}

/** Where a field is, and its name: `全球通VIP · 文字 · 时限`. */
export const fieldPlace = (path: string, names: Names, texts: PlanTexts): string =>
  [whereOf(path, names, texts), fieldName(path, names, texts)].filter(Boolean).join(' · ')

function whereOf(path: string, names: Names, texts: PlanTexts): string {
  const [part, code, list, item] = path.split('.')
  if (!code) return ''
  if (part === 'tiers')
    return list === 'targets' && item
      ? `${names.tier(code)} · ${texts.channels[item] ?? item}`
      : names.tier(code)
  if (part === 'groups')
    return list === 'tiers' || list === 'widened'
      ? [names.group(code), item && names.tier(item)].filter(Boolean).join(' · ')
      : names.group(code)
  if (part === 'members') return [names.agent(code), item && names.group(item)].filter(Boolean).join(' · ')
  if (list === 'week' && item) return `${names.hours(code)} · ${texts.hours.days[Number(item)]}`
  if (list === 'holidays' && item) return `${names.hours(code)} · ${item}`
  return names.hours(code)
}

function fieldName(path: string, _names: Names, texts: PlanTexts): string {
  return texts.fields[kindOf(path)] ?? ''
}

const partOf = (path: string): keyof PlanTexts['parts'] =>
  path.includes('.targets.')
    ? 'target'
    : path.endsWith('.overflow')
      ? 'overflow'
      : path.includes('.holidays.')
        ? 'holiday'
        : (path.split('.')[0] as 'tiers' | 'groups' | 'hours')

function agentList(ids: readonly string[], names: Names, texts: PlanTexts): string {
  const shown = texts.list(ids.slice(0, NAMED_AGENTS).map(names.agent))
  return ids.length > NAMED_AGENTS ? texts.andMore(shown, ids.length) : shown
}

const isSwitch = (path: string): boolean => /^favours_|\.is_subordinate$|^groups\.[^.]+\.tiers\./.test(path)

export function valueText(path: string, value: Leaf | undefined, names: Names, texts: PlanTexts): string {
  const kind = kindOf(path)
  if (kind === 'groups.*.tiers.*') return value ? texts.served : texts.notServed
  if (kind === 'members.*.groups.*') return value == null ? texts.notMember : texts.level(String(value))
  if (kind === 'groups.*.widened.*' && value == null) return texts.notServed
  if (typeof value === 'boolean') return value ? texts.on : texts.off
  if (kind === 'tiers.*.hours') return value ? names.hours(String(value)) : texts.always
  if (kind === 'hours.*.week.*' || kind === 'hours.*.holidays.*.open')
    return String(value ?? '') || texts.closed
  const number = numbers[kind]
  if (number) {
    if (typeof value === 'number') return quantity(value, number.unit, texts)
    return number.isOptional ? noNumber(kind, texts) : texts.empty
  }
  if (value === undefined || value === null || value === '') return texts.empty
  if (kind === 'policy') return texts.policy.names[value as keyof PlanTexts['policy']['names']]
  if (kind === 'agent_choice') return texts.policy.choices[value as keyof PlanTexts['policy']['choices']]
  if (kind === 'groups.*.overflow.to') return names.group(String(value))
  if (kind.endsWith('.abandons')) return texts.abandons[String(value)] ?? String(value)
  return String(value)
}

/** What an empty number means: no limit, or of an overflow that it does not depend on this. */
export const noNumber = (kind: string, texts: PlanTexts): string =>
  kind.startsWith('groups.*.overflow') ? texts.none : texts.unlimited

export const quantity = (value: number, unit: Unit, texts: PlanTexts): string =>
  texts.units[unit](String(value))

/** A long span in a larger unit, where that is a round one; empty otherwise. */
export function roundSpan(span_s: number, texts: PlanTexts): string {
  if (span_s >= 86_400 && span_s % 86_400 === 0) return texts.daysUnit(String(span_s / 86_400))
  if (span_s >= 3600 && span_s % 900 === 0) return texts.hoursUnit(String(span_s / 3600))
  return span_s >= 120 && span_s % 60 === 0 ? texts.units.min(String(span_s / 60)) : ''
}
