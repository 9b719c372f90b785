import type { FlowField } from '@wecc/protocol'

export type Values = Readonly<Record<string, string>>

const flaws = [
  'required',
  'too_long',
  'not_phone',
  'not_number',
  'too_small',
  'too_large',
  'not_date',
  'not_choice',
  'unknown',
] as const

/** What keeps a value from being taken, in the server's words. */
export type Flaw = (typeof flaws)[number]

export const isFlaw = (code: unknown): code is Flaw => (flaws as readonly unknown[]).includes(code)

/** As meant: a Chinese keyboard writes figures in full width. */
export const tidied = ({ kind }: FlowField, value = ''): string =>
  (kind === 'phone' || kind === 'number' ? value.normalize('NFKC') : value).trim()

/** What can be told before the server is asked; null: nothing. */
export function flawOf({ kind, is_required, max_chars, options }: FlowField, value: string): Flaw | null {
  if (value === '') return is_required ? 'required' : null
  if ([...value].length > max_chars) return 'too_long'
  switch (kind) {
    case 'phone':
      return isPhone(value) ? null : 'not_phone'
    case 'number':
      return /^-?\d{1,15}(\.\d{1,6})?$/.test(value) ? null : 'not_number'
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(value) ? null : 'not_date'
    case 'choice':
      return options.includes(value) ? null : 'not_choice'
    default:
      return null
  }
}

/** Of five digits (10086) to fifteen; what begins like a mobile number has its eleven. */
function isPhone(value: string): boolean {
  const digits = value.replace(/\D/g, '')
  if (!/^\+?[\d(][\d() -]{3,24}$/.test(value) || digits.length < 5 || digits.length > 15) return false
  return value.startsWith('+') || !/^1[3-9]/.test(digits) || digits.length === 11
}
