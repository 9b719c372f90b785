import type { Locale } from '@wecc/protocol'

import { useLocale } from '../../texts'
import { en } from './en'
import { type PlanTexts, zh } from './zh'

export type { PlanTexts }

export const planTexts: Readonly<Record<Locale, PlanTexts>> = { 'zh-CN': zh, en }

export const usePlanTexts = (): PlanTexts => planTexts[useLocale()]
