import type { RoutingPlan } from '@wecc/protocol'
import { createContext, use } from 'react'

import { useNow } from '../controls/age'
import { useTierName } from '../desk/context'
import { useLocale } from '../texts'

/** The server's time when the figures stopped being live; null while they are. */
export const AsOfContext = createContext<number | null>(null)

/** The time figures are measured by: it stands still when they do. */
export function useFloorNow(): number {
  const now_ms = useNow()
  return use(AsOfContext) ?? now_ms
}

export const useIsLive = (): boolean => use(AsOfContext) === null

/** The plan in force; a center without one has no groups. */
export const PlanContext = createContext<RoutingPlan | null>(null)

/** A group's name in the supervisor's language, by its code. */
export function useGroupName(): (code: string) => string {
  const plan = use(PlanContext)
  const locale = useLocale()
  return (code) => {
    const group = plan?.groups.find((one) => one.code === code)
    return group ? (locale === 'zh-CN' ? group.name_zh : group.name_en) : code
  }
}

/** Some tiers' names as one text. */
export function useTierNames(): (codes: readonly string[]) => string {
  const tierName = useTierName()
  const separator = useLocale() === 'zh-CN' ? '、' : ', '
  return (codes) => codes.map(tierName).join(separator)
}
