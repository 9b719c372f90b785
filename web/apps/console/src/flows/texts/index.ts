import type { Locale } from '@wecc/protocol'

import { useLocale } from '../../texts'
import { en } from './en'
import { phrasesZh } from './language-zh'
import { type FlowTexts, zh } from './zh'

export type { FlowTexts }

export const flowTexts: Readonly<Record<Locale, FlowTexts>> = { 'zh-CN': zh, en }

/** The words of the code editor, which speaks English by itself. */
export const editorPhrases: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  'zh-CN': phrasesZh,
  en: {},
}

export const useFlowTexts = (): FlowTexts => flowTexts[useLocale()]
