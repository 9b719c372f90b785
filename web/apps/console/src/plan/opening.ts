import { type Fields, spansOf } from './fields'

/** `until_ms`: when an open one closes; `next_ms`: when a closed one opens, null when it never does. */
export type Opening =
  | { readonly isOpen: true; readonly until_ms: number }
  | { readonly isOpen: false; readonly next_ms: number | null; readonly holiday: string }

const DAY_MS = 86_400_000
const LOOKED_AHEAD_DAYS = 400

/** Whether a draft's calendar is open at a moment, in its own time zone; null for a zone that is none. */
export function openingOf(fields: Fields, code: string, at_ms: number): Opening | null {
  const at = `hours.${code}.`
  const zone = zoneOf(String(fields.get(`${at}time_zone`) ?? ''))
  if (!zone) return null
  const today = zone.dayOf(at_ms)
  const spansOn = (day: string) => {
    const holiday = fields.get(`${at}holidays.${day}.open`)
    return spansOf(String(holiday ?? fields.get(`${at}week.${weekday(day)}`) ?? ''))
      .filter(({ opens, closes }) => closes !== '' && opens < closes)
      .map(({ opens, closes }) => ({ opens_ms: zone.at_ms(day, opens), closes_ms: zone.at_ms(day, closes) }))
      .sort((a, b) => a.opens_ms - b.opens_ms)
  }
  const now = spansOn(today).find(({ opens_ms, closes_ms }) => opens_ms <= at_ms && at_ms < closes_ms)
  if (now) return { isOpen: true, until_ms: endOf(now.closes_ms, today, spansOn) }
  const holiday = String(fields.get(`${at}holidays.${today}.name`) ?? '')
  for (let day = today, ahead = 0; ahead < LOOKED_AHEAD_DAYS; ahead += 1, day = dayAfter(day)) {
    const next = spansOn(day).find(({ opens_ms }) => opens_ms > at_ms)
    if (next) return { isOpen: false, next_ms: next.opens_ms, holiday }
  }
  return { isOpen: false, next_ms: null, holiday }
}

type SpansOn = (day: string) => readonly { readonly opens_ms: number; readonly closes_ms: number }[]

/** Round the clock is one opening: a span that begins where the last one ended goes on with it. */
function endOf(closes_ms: number, today: string, spansOn: SpansOn): number {
  let end_ms = closes_ms
  for (let day = today, ahead = 0; ahead < LOOKED_AHEAD_DAYS; ahead += 1, day = dayAfter(day)) {
    const before_ms = end_ms
    for (const span of spansOn(day)) if (span.opens_ms <= end_ms) end_ms = Math.max(end_ms, span.closes_ms)
    if (end_ms === before_ms && ahead > 0) break
  }
  return end_ms
}

export const isZone = (name: string): boolean => zoneOf(name) !== null

/** Monday is 1, Sunday 7. */
export const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay() || 7

export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)

interface Zone {
  /** `YYYY-MM-DD` there. */
  dayOf(at_ms: number): string
  at_ms(day: string, time: string): number
}

function zoneOf(name: string): Zone | null {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: name || 'nowhere',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  } catch {
    return null
  }
  /** The clock on the wall there, written as if it were UTC. */
  const wall_ms = (at_ms: number): number => {
    const part = Object.fromEntries(
      format.formatToParts(at_ms).map(({ type, value }) => [type, Number(value)]),
    )
    return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
  }
  return {
    dayOf: (at_ms) => new Date(wall_ms(at_ms)).toISOString().slice(0, 10),
    at_ms: (day, time) => {
      const [hour, minute] = time.split(':').map(Number)
      const wanted_ms = Date.parse(`${day}T00:00:00Z`) + (hour! * 60 + minute!) * 60_000
      // The offset there depends on the moment, which depends on the offset: twice is enough.
      const guess_ms = wanted_ms - (wall_ms(wanted_ms) - wanted_ms)
      return guess_ms - (wall_ms(guess_ms) - wanted_ms)
    },
  }
}
