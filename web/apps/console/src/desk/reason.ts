import type { Locale, Reason, TierView } from '@wecc/protocol'
import { duration } from '@wecc/ui'

import type { Texts } from '../texts'

export const tierName = (tiers: ReadonlyMap<string, TierView>, code: string, locale: Locale): string => {
  const tier = tiers.get(code)
  return tier ? (locale === 'zh-CN' ? tier.name_zh : tier.name_en) : code
}

/** `81%`, `80.5%`: rates travel in percent points. */
export const percent = (points: number): string => `${rounded(points)}%`

const rounded = (points: number): number => Math.round(points * 10) / 10

/** Why a request came to this agent, in one sentence. Source: 2.4.3-05. */
export function explain(reason: Reason, agentName: string, tier: string, { reason: texts }: Texts): string {
  const wait = duration(reason.wait_ms)
  switch (reason.policy) {
    case 'picked':
      return texts.picked(agentName)
    case 'direct':
      return texts.transferred(agentName)
    case 'fifo':
    case 'gap_live_late':
      return texts.fifo(tier, wait)
    case 'vip_strict':
      return texts.vip_strict(tier, wait)
    default: {
      const { rate, target, candidates } = reason
      if (rate === null || target === null) return texts.fifo(tier, wait)
      const missed = rounded(target - rate)
      const stand = missed > 0 ? texts.below(missed, candidates.length > 1) : texts.met
      return texts.and(texts.gap(tier, percent(rate), percent(target), wait), stand)
    }
  }
}

/** Percent points by which a rate stands above (+) or below (−) its target. */
export const distance = (rate: number, target: number): string => {
  const points = rounded(rate - target)
  return points > 0 ? `+${points}` : points < 0 ? `−${-points}` : '0'
}
