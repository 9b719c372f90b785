import type { LogEvent } from '@wecc/protocol'

const MAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/
const SEPARATORS = /[\s()./-]/g

/** As meant: a Chinese keyboard writes `１３８…`, `＠` and `。`. */
export const tidied = (typed: string): string => typed.normalize('NFKC').replaceAll('。', '.').trim()

/** What keeps a text from being a phone number or a mail address; null: it looks like one. */
export function flawOf(contact: string): { readonly type: 'unknown' | 'mobile'; readonly digits: number } | null {
  if (MAIL.test(contact)) return null
  const number = contact.replace(SEPARATORS, '')
  const digits = number.replace('+', '').length
  if (!/^\+?\d{7,15}$/.test(number)) return { type: 'unknown', digits }
  return /^1[3-9]/.test(number) && digits !== 11 ? { type: 'mobile', digits } : null
}

/** Enough to know it again: `138****8000`, `z***@example.com`. */
export function masked(contact: string): string {
  const at = contact.indexOf('@')
  if (at > 0) return `${[...contact][0]}***${contact.slice(at)}`
  const number = contact.replace(SEPARATORS, '')
  return `${number.slice(0, -8)}****${number.slice(-4)}`
}

/** How the visitor can be reached, by the newest of what he left. */
export const leftContact = (events: readonly LogEvent[]): string | null =>
  events.filter((event) => event.kind === 'contact_left').at(-1)?.body.contact ?? null
