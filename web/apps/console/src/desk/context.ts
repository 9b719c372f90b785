import { createContext, use } from 'react'

import { useLocale } from '../texts'
import { useStore } from '../use-store'
import { tierName } from './reason'
import type { DeskState } from './state'
import type { Workplace } from './workplace'

export const WorkplaceContext = createContext<Workplace | null>(null)

export function useWorkplace(): Workplace {
  const workplace = use(WorkplaceContext)
  if (!workplace) throw new Error('outside of the window')
  return workplace
}

export const useDesk = <P>(select: (desk: DeskState) => P): P => useStore(useWorkplace().desk, select)

/** A tier's name in the agent's language, by its code. */
export function useTierName(): (code: string) => string {
  const tiers = useDesk((desk) => desk.tiers)
  const locale = useLocale()
  return (code) => tierName(tiers, code, locale)
}
