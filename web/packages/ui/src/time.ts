import type { Locale } from '@wecc/protocol'

const formats = new Map<string, Intl.DateTimeFormat>()

function format(locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options)
  let made = formats.get(key)
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale, options)))
  return made
}

/** `14:05` */
export const clockTime = (at_ms: number, locale: Locale): string =>
  format(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at_ms)

/** Calendar days between two moments where the reader is; negative when `at_ms` is later. */
export function daysBetween(at_ms: number, now_ms: number): number {
  const midnight = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)
  return Math.round((midnight(now_ms) - midnight(at_ms)) / 86_400_000)
}

/** A separator between days: `今天`, `昨天`, `3月5日 星期三`, with the year when it is another. */
export function dayName(at_ms: number, locale: Locale, now_ms = Date.now()): string {
  const days = daysBetween(at_ms, now_ms)
  if (days === 0 || days === 1) {
    const name = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day')
    return name.charAt(0).toUpperCase() + name.slice(1)
  }
  const isThisYear = new Date(at_ms).getFullYear() === new Date(now_ms).getFullYear()
  return format(locale, {
    ...(isThisYear ? {} : { year: 'numeric' }),
    month: 'long',
    day: 'numeric',
    weekday: 'long',
  }).format(at_ms)
}

/** For lists: `刚刚`, `5 分钟前`, then the clock, `昨天`, then the date. */
export function relativeTime(at_ms: number, locale: Locale, now_ms = Date.now()): string {
  const minutes = Math.floor((now_ms - at_ms) / 60_000)
  if (minutes < 1) return locale === 'zh-CN' ? '刚刚' : 'just now'
  if (minutes < 60) return locale === 'zh-CN' ? `${minutes} 分钟前` : `${minutes} min ago`
  const days = daysBetween(at_ms, now_ms)
  if (days <= 0) return clockTime(at_ms, locale)
  if (days === 1) return dayName(at_ms, locale, now_ms)
  return format(locale, {
    ...(new Date(at_ms).getFullYear() === new Date(now_ms).getFullYear() ? {} : { year: 'numeric' }),
    month: locale === 'zh-CN' ? 'numeric' : 'short',
    day: 'numeric',
  }).format(at_ms)
}

/** A running time: `8″`, `2′05″`, `1 h 02′`. */
export function duration(span_ms: number): string {
  const s = Math.max(0, Math.floor(span_ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  if (s < 60) return `${s}″`
  if (s < 3600) return `${Math.floor(s / 60)}′${two(s % 60)}″`
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))}′`
}

/** `812 B`, `24 KB`, `3.4 MB` */
export function fileSize(bytes: number, locale: Locale): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KB', 'MB', 'GB']
  let size = bytes / 1024
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  const digits = size < 10 ? 1 : 0
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(size)} ${units[unit]}`
}
