import type { AgentRef, FlowNode, FlowProblem, FlowSummary, Locale } from '@wecc/protocol'

import type { FlowTexts } from './texts'

/** What is wrong, in a sentence. */
export function problemText({ code, about }: Pick<FlowProblem, 'code' | 'about'>, texts: FlowTexts): string {
  const { codes, elsewhere } = texts.problems
  const inner = /^(\w+):(\d+) (\S+) ?(.*)$/.exec(about)
  const told = inner
    ? elsewhere(inner[1]!, inner[2]!) + problemText({ code: inner[3]!, about: inner[4]! }, texts)
    : about
  return codes[code]?.(told) ?? [code, told].filter(Boolean).join(': ')
}

export const flowName = (flow: FlowSummary, locale: Locale): string =>
  (locale === 'en' ? flow.name_en || flow.name_zh : flow.name_zh || flow.name_en) || flow.code

/** What a node says. */
export const wordsOf = ({ text_zh, text_en }: FlowNode, locale: Locale): string =>
  locale === 'en' ? text_en : text_zh

/** What nobody saved was there from the beginning. */
export const personName = (agent: AgentRef | null, texts: FlowTexts): string =>
  agent ? agent.name || agent.id : texts.system
