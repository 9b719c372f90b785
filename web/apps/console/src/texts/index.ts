import type { Locale } from '@wecc/protocol'
import { createContext, use } from 'react'

import { en } from './en'
import { type Texts, zh } from './zh'

export type { Texts }

/** Grouped by place; functions where a value belongs into the sentence, so the compiler checks it. */
export const texts: Readonly<Record<Locale, Texts>> = { 'zh-CN': zh, en }

export const LocaleContext = createContext<Locale>('zh-CN')

export const useLocale = (): Locale => use(LocaleContext)

export const useTexts = (): Texts => texts[use(LocaleContext)]
