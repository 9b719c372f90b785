import type { Locale, TierView } from '@wecc/protocol'
import { createContext, use } from 'react'

import type { Workplace } from '../desk/workplace'
import { type Editing, Editor } from './editor'
import type { Leaf } from './fields'
import { keptInTab } from './kept'
import type { PlanTexts } from './texts'
import { WhatIf } from './what-if'
import { type Names, problemText } from './words'

export interface PlanDesk {
  readonly editor: Editor
  readonly whatIf: WhatIf
}

const desks = new WeakMap<Workplace, PlanDesk>()

/** The draft stays with the workplace while one is elsewhere in the window. */
export function planDesk(workplace: Workplace): PlanDesk {
  const known = desks.get(workplace)
  if (known) return known
  const desk = {
    editor: new Editor(workplace.line, keptInTab(workplace.session.agent.id)),
    whatIf: new WhatIf(workplace.line),
  }
  desks.set(workplace, desk)
  return desk
}

export interface PlanContextValue extends PlanDesk {
  readonly editing: Editing
  readonly names: Names
  readonly tiers: readonly TierView[]
  readonly texts: PlanTexts
  readonly locale: Locale
  /** Says to who cannot see. */
  readonly say: (text: string) => void
}

export const PlanContext = createContext<PlanContextValue | null>(null)

export function usePlan(): PlanContextValue {
  const plan = use(PlanContext)
  if (!plan) throw new Error('outside of the routing desk')
  return plan
}

export const fieldId = (path: string): string => `field-${path}`

/** One value of the draft, by its path: what it is, what is wrong with it, and its change. */
export function useField<T extends Leaf>(path: string) {
  const { editor, editing, names, texts } = usePlan()
  const { base, draft, problems } = editing
  return {
    id: fieldId(path),
    value: draft.get(path) as T,
    isChanged: base.get(path) !== draft.get(path),
    problems: problems.filter((one) => one.path === path).map((one) => problemText(one, names, texts)),
    set: (value: T) => editor.edit({ [path]: value }),
  }
}
