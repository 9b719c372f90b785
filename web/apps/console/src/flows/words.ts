import type { AgentRef, FlowProblem, FlowSummary, Locale } from '@wecc/protocol'

import type { FlowTexts } from './texts'

/** What is wrong, in a sentence. */
export const problemText = ({ code, about }: FlowProblem, { problems }: FlowTexts): string =>
  problems.codes[code]?.(about) ?? [code, about].filter(Boolean).join(': ')

export const flowName = (flow: FlowSummary, locale: Locale): string =>
  (locale === 'en' ? flow.name_en || flow.name_zh : flow.name_zh || flow.name_en) || flow.code

/** What nobody saved was there from the beginning. */
export const personName = (agent: AgentRef | null, texts: FlowTexts): string =>
  agent ? agent.name || agent.id : texts.system
