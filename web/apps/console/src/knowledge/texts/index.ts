import type { Locale } from '@wecc/protocol'

import { useLocale } from '../../texts'
import { en } from './en'
import { type KnowledgeTexts, zh } from './zh'

export type { KnowledgeTexts }

export const knowledgeTexts: Readonly<Record<Locale, KnowledgeTexts>> = { 'zh-CN': zh, en }

export const useKnowledgeTexts = (): KnowledgeTexts => knowledgeTexts[useLocale()]
