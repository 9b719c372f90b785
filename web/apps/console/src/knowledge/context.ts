import type {
  AgentGroup,
  AgentRef,
  CategoryNode,
  KnowledgeRights,
  Locale,
  StaffView,
  TargetView,
  TierView,
} from '@wecc/protocol'
import type { WeccError } from '@wecc/realtime'
import { createContext, use } from 'react'

import { errorText } from '../controls/error-text'
import { type Texts, useTexts } from '../texts'
import type { KnowledgeTexts } from './texts'

export interface KnowledgeContextValue {
  readonly me: AgentRef
  readonly rights: KnowledgeRights
  readonly texts: KnowledgeTexts
  readonly locale: Locale
  /** All categories, parents before children; null until they are read. */
  readonly categories: readonly CategoryNode[] | null
  readonly targets: readonly TargetView[]
  readonly staff: readonly StaffView[]
  readonly tiers: readonly TierView[]
  readonly groups: readonly AgentGroup[]
  /** Says to who cannot see, and shows it for a while. */
  readonly say: (text: string) => void
}

export const KnowledgeContext = createContext<KnowledgeContextValue | null>(null)

export function useKnowledge(): KnowledgeContextValue {
  const knowledge = use(KnowledgeContext)
  if (!knowledge) throw new Error('outside of the knowledge desk')
  return knowledge
}

/** Something with a name in both languages, in the reader's. */
export const nameIn = (
  locale: Locale,
  one: { readonly name_zh: string; readonly name_en: string },
): string => (locale === 'en' ? one.name_en || one.name_zh : one.name_zh)

/** Whoever is no agent, such as the setup or an import at the command line, is called the system. */
export const personName = ({ id, name }: AgentRef, texts: KnowledgeTexts): string =>
  name === id ? texts.someone : name

/** What went wrong, in words of the desk where it has some. */
export function problemText(error: WeccError, texts: KnowledgeTexts, all: Texts): string {
  if (error.code === 'category.not_empty') {
    const { categories, articles } = error.data as { categories?: number; articles?: number }
    return texts.tree.notEmpty(categories ?? 0, articles ?? 0)
  }
  if (error.code === 'request.invalid') {
    const { fields = {} } = error.data as { fields?: Readonly<Record<string, string>> }
    const known = Object.keys(fields).find((field) => field in texts.invalid)
    if (known !== undefined) return texts.invalid[known]!
  }
  return texts.errors[error.code] ?? errorText(error, all)
}

/** Why a target does not take copies, in the reader's words where they are known. */
export const troubleText = (said: string, texts: KnowledgeTexts): string => texts.troubles[said] ?? said

export function useProblem(): (error: WeccError) => string {
  const { texts } = useKnowledge()
  const all = useTexts()
  return (error) => problemText(error, texts, all)
}

export function useTargetName(): (id: string) => string {
  const { targets, locale, texts } = useKnowledge()
  return (id) => {
    const target = targets.find((one) => one.id === id)
    return target ? nameIn(locale, target) : texts.publish.missingTarget
  }
}
