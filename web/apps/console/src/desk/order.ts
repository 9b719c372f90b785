import type { ConversationSummary, TierView } from '@wecc/protocol'

export type Tab = 'mine' | 'waiting' | 'all'

/** Since when somebody waits: for any person while queued, for an answer while served; null when nobody does. */
export const needSince = (one: ConversationSummary): number | null =>
  one.status === 'waiting' ? one.waiting_since_ms : one.status === 'active' ? one.unanswered_since_ms : null

/** What a row asks for: an answer now, an answer some time, nothing for now, its notes to be finished. */
const rank = (one: ConversationSummary): number =>
  one.is_wrap_up ? 3 : needSince(one) === null ? 2 : one.is_message ? 1 : 0

export const isMine = (one: ConversationSummary, myId: string): boolean =>
  one.agent?.id === myId && (one.status === 'active' || one.is_wrap_up)

/**
 * The rows of a tab, the most urgent first: who waits longest, then messages that were left, then the answered
 * ones by their newest word, then wrap-ups by the time they have left. Equal ones keep one order, so rows do not jump.
 */
export function rowsOf(
  tab: Tab,
  conversations: Iterable<ConversationSummary>,
  myId: string,
): readonly ConversationSummary[] {
  return [...conversations].filter((one) => belongs(one, tab, myId)).sort(byUrgency)
}

function belongs(one: ConversationSummary, tab: Tab, myId: string): boolean {
  if (tab === 'mine') return isMine(one, myId)
  if (tab === 'waiting') return one.status === 'waiting'
  return one.status !== 'closed' || isMine(one, myId)
}

function byUrgency(a: ConversationSummary, b: ConversationSummary): number {
  return (
    rank(a) - rank(b) ||
    (a.is_wrap_up ? (a.wrap_up_until_ms ?? Infinity) - (b.wrap_up_until_ms ?? Infinity) || 0 : 0) ||
    (needSince(a) ?? 0) - (needSince(b) ?? 0) ||
    (b.preview?.at_ms ?? b.started_ms) - (a.preview?.at_ms ?? a.started_ms) ||
    (a.id < b.id ? -1 : 1)
  )
}

/** How a wait stands to what the tier was promised. `share` 1 is the threshold. */
export interface Urgency {
  readonly share: number
  readonly level: 'calm' | 'soon' | 'over'
}

const SOON_SHARE = 0.6

export function urgency(wait_ms: number, tier: TierView | undefined): Urgency {
  const threshold_ms = (tier?.chat_threshold_s ?? 60) * 1000
  const share = Math.max(0, wait_ms) / threshold_ms
  return { share: Math.min(1, share), level: share >= 1 ? 'over' : share >= SOON_SHARE ? 'soon' : 'calm' }
}

/** The row after (or before) the open one, around the ends; the first when none is open. */
export function neighbour(
  rows: readonly { readonly id: string }[],
  openId: string | null,
  step: 1 | -1,
): string | null {
  if (rows.length === 0) return null
  const at = rows.findIndex((row) => row.id === openId)
  if (at === -1) return rows[step === 1 ? 0 : rows.length - 1]!.id
  return rows[(at + step + rows.length) % rows.length]!.id
}
