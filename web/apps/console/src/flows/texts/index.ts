import type { Locale } from '@wecc/protocol'

import { useLocale } from '../../texts'
import { en } from './en'
import { type FlowTexts, zh } from './zh'

export type { FlowTexts }

export const flowTexts: Readonly<Record<Locale, FlowTexts>> = { 'zh-CN': zh, en }

export const useFlowTexts = (): FlowTexts => flowTexts[useLocale()]
