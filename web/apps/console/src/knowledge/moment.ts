import type { Locale } from '@wecc/protocol'

/** `2026年3月5日 14:05`, in the reader's zone. */
export const moment = (at_ms: number, locale: Locale): string =>
  new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: locale === 'en' ? 'short' : 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at_ms)

/** As a `datetime-local` input holds it, in the reader's zone; empty for none. */
export function localInput(at_ms: number | null): string {
  if (at_ms === null) return ''
  const at = new Date(at_ms)
  const two = (n: number) => String(n).padStart(2, '0')
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** Null for none, and for what is no time. */
export function atOf(local: string): number | null {
  const at_ms = local ? new Date(local).getTime() : NaN
  return Number.isNaN(at_ms) ? null : at_ms
}
