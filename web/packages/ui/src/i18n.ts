import type { Locale } from '@wecc/protocol'

/**
 * Words of a face in both languages. `dictionary({...zh}, {...en})` compiles only when both have the same
 * keys; `t('key', {name: …})` fills `{name}`.
 */
export type Dictionary<K extends string> = Readonly<Record<Locale, Readonly<Record<K, string>>>>

export type Translate<K extends string> = (
  key: K,
  values?: Readonly<Record<string, string | number>>,
) => string

export function dictionary<Zh extends Record<string, string>, En extends Record<keyof Zh, string>>(
  zh: Zh,
  en: En & Record<Exclude<keyof En, keyof Zh>, never>,
): Dictionary<keyof Zh & string> {
  return { 'zh-CN': zh, en }
}

export function translator<K extends string>(words: Dictionary<K>, locale: Locale): Translate<K> {
  return (key, values = {}) =>
    words[locale][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** The locale that a language tag (`zh-Hans-CN`, `en-GB`, `fr`) is served in: Chinese or else English. */
export function localeOf(tag: string | null | undefined, otherwise: Locale = 'zh-CN'): Locale {
  if (!tag) return otherwise
  return /^zh\b/i.test(tag) ? 'zh-CN' : 'en'
}
