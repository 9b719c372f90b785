import type { Locale, Reason, TierView } from '@wecc/protocol'
import { duration } from '@wecc/ui'

import type { Texts } from '../texts'

export const tierName = (
  tiers: ReadonlyMap<string, TierView>,
  code: string,
  locale: Locale,
): string => {
  const tier = tiers.get(code)
  return tier ? (locale === 'zh-CN' ? tier.name_zh : tier.name_en) : code
}

/** `81%`, `80.5%`: rates travel in percent points. */
export const percent = (points: number): string => `${Math.round(points * 10) / 10}%`

/** Why a request came to this agent, in one sentence. Source: 2.4.3-05. */
export function explain(reason: Reason, agentName: string, tier: string, texts: Texts): string {
  const wait = duration(reason.wait_ms)
  switch (reason.policy) {
    case 'picked':
      return texts.reason.picked(agentName)
    case 'direct':
      return texts.reason.transferred(agentName)
    case 'fifo':
      return texts.reason.fifo(tier, wait)
    case 'vip_strict':
      return texts.reason.vip_strict(tier, wait)
    default:
      return reason.rate === null || reason.target === null
        ? texts.reason.fifo(tier, wait)
        : withGap(texts.reason.gap(tier, percent(reason.rate), percent(reason.target), wait), reason.gap, texts)
  }
}

const withGap = (sentence: string, gap: number | null, texts: Texts): string =>
  gap !== null && gap > 0 ? texts.reason.and(sentence, texts.reason.below(points(gap))) : sentence

/** `4`, `4.5` */
const points = (gap: number): string => String(Math.round(gap * 10) / 10)
