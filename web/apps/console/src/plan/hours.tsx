import { Plus, X } from 'lucide-react'
import { type FormEvent, useMemo, useState } from 'react'

import { useNow } from '../controls/age'
import { Button, IconButton } from '../controls/button'
import { showField, showPart } from './address'
import { usePlan } from './context'
import { Part, PartProblems, TextField } from './controls'
import { areSpans, type Leaf, spansOf, spansText, without } from './fields'
import { freeCode } from './groups'
import { dayAfter, openingOf, weekday } from './opening'
import { Removal } from './removal'
import type { PlanTexts } from './texts'

const WEEK = [1, 2, 3, 4, 5, 6, 7] as const
const MAX_DAYS = 31

/** What people type becomes what is shown everywhere; what is no time stays, to be mended. */
const tidy = (text: string): string => (areSpans(text) ? spansText(spansOf(text)) : text)

/** Calendars that tiers are open by. */
export function HoursSection({ item }: { readonly item: string | null }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.hours
  const { hours } = editing.plan
  const add = () => {
    const code = freeCode('hours', hours)
    const at = `hours.${code}.`
    const zone = hours[0]?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    editor.edit(
      new Map<string, Leaf>([
        [`${at}name_zh`, words.newZh],
        [`${at}name_en`, words.newEn],
        [`${at}time_zone`, zone],
        ...WEEK.map((day): [string, Leaf] => [`${at}week.${day}`, day < 6 ? '09:00–18:00' : '']),
      ]),
    )
    showField(`${at}name_zh`)
  }
  return (
    <>
      <header className="plan-head">
        <h2>{words.title}</h2>
        <Button onPress={add}>
          <Plus size={14} aria-hidden />
          {words.add}
        </Button>
      </header>
      <p className="plan-intro">{words.intro}</p>
      {hours.length === 0 && <p className="plan-hint">{words.nothing}</p>}
      <ul className="plan-calendars">
        {hours.map(({ code }) => (
          <li key={code} data-chosen={code === item || undefined}>
            <button
              type="button"
              className="plan-open"
              aria-expanded={code === item}
              onClick={() => showPart('hours', code === item ? null : code)}
            >
              {names.hours(code)}
            </button>
            <OpenNow code={code} />
          </li>
        ))}
      </ul>
      {hours.some(({ code }) => code === item) ? (
        <Calendar key={item} code={item!} />
      ) : (
        hours.length > 0 && <p className="plan-hint">{words.pick}</p>
      )}
    </>
  )
}

/** Whether the draft's calendar is open at this moment, in its own zone. */
function OpenNow({ code }: { readonly code: string }) {
  const { editing, texts, locale } = usePlan()
  const words = texts.hours
  // Each minute is enough; openings begin and end with one.
  const minute = Math.floor(useNow() / 60_000)
  const opening = useMemo(
    () => openingOf(editing.draft, code, minute * 60_000),
    [editing.draft, code, minute],
  )
  if (!opening) return <span className="plan-faint">{words.badZone}</span>
  const zone = String(editing.draft.get(`hours.${code}.time_zone`))
  const at = (ms: number) => momentText(ms, minute * 60_000, zone, locale, texts)
  if (opening.isOpen) {
    const isForever = opening.until_ms - minute * 60_000 > 300 * 86_400_000
    return (
      <span className="plan-open-now" data-open>
        {isForever ? words.openAlways : words.openNow(at(opening.until_ms))}
      </span>
    )
  }
  if (opening.next_ms === null) return <span className="plan-open-now">{words.neverOpen}</span>
  return (
    <span className="plan-open-now">
      {opening.holiday
        ? words.closedHoliday(opening.holiday, at(opening.next_ms))
        : words.closedNow(at(opening.next_ms))}
    </span>
  )
}

/** `18:00` today, `周三 09:00` within a week, else with the date; by the clock of the zone. */
function momentText(at_ms: number, now_ms: number, zone: string, locale: string, texts: PlanTexts): string {
  const format = (options: Intl.DateTimeFormatOptions, tag: string = locale) =>
    new Intl.DateTimeFormat(tag, { timeZone: zone, ...options }).format(at_ms)
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const iso = format({}, 'en-CA')
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now_ms)
  if (iso === today) return time
  if (at_ms - now_ms < 6 * 86_400_000) return `${texts.hours.days[weekday(iso)]} ${time}`
  return `${format({ month: 'long', day: 'numeric' })} ${time}`
}

function Calendar({ code }: { readonly code: string }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.hours
  const at = `hours.${code}`
  const users = editing.plan.tiers.filter((tier) => tier.hours === code)
  const userNames = texts.list(users.map((tier) => names.tier(tier.code)))
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const remove = () => {
    const patch = new Map<string, Leaf | undefined>(without(editing.draft, at))
    for (const tier of users) patch.set(`tiers.${tier.code}.hours`, '')
    editor.edit(patch)
    showPart('hours')
  }
  const copyMonday = () =>
    editor.edit(
      Object.fromEntries(
        [2, 3, 4, 5].map((day) => [`${at}.week.${day}`, editing.draft.get(`${at}.week.1`) ?? '']),
      ),
    )
  return (
    <section className="plan-details" aria-label={words.details(names.hours(code))}>
      <header className="plan-head">
        <h3>{words.details(names.hours(code))}</h3>
        <Removal
          label={words.remove}
          ask={users.length ? words.removeAsk(userNames) : null}
          confirm={words.removeConfirm}
          cancel={words.cancel}
          onRemove={remove}
        />
      </header>
      <p className="plan-hint">{users.length ? words.usedBy(userNames) : words.unused}</p>
      <Part title={words.names}>
        <TextField path={`${at}.name_zh`} />
        <TextField path={`${at}.name_en`} />
        <TextField path={`${at}.time_zone`} list="plan-zones" />
        <datalist id="plan-zones">
          {zones.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </Part>
      <Part title={words.week} hint={words.weekHint}>
        {WEEK.map((day) => (
          <TextField
            key={day}
            path={`${at}.week.${day}`}
            label={words.days[day]!}
            placeholder={texts.closed}
            tidy={tidy}
          />
        ))}
        <Button look="quiet" onPress={copyMonday}>
          {words.copy}
        </Button>
      </Part>
      <Holidays code={code} />
    </section>
  )
}

function Holidays({ code }: { readonly code: string }) {
  const { editor, editing, texts } = usePlan()
  const words = texts.hours
  const today = new Date().toLocaleDateString('en-CA')
  const holidays = [...(editing.plan.hours.find((one) => one.code === code)?.holidays ?? [])].sort((a, b) =>
    a.date < b.date ? -1 : 1,
  )
  return (
    <Part title={words.holidays} hint={words.holidaysHint}>
      <PartProblems path={`hours.${code}.holidays`} />
      {holidays.length === 0 ? (
        <p className="plan-faint">{words.noHolidays}</p>
      ) : (
        <div className="plan-table-scroll">
          <table className="plan-table plan-holidays">
            <thead>
              <tr>
                <th scope="col">{words.date}</th>
                <th scope="col">{words.holidayName}</th>
                <th scope="col">{words.open}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {holidays.map(({ date, name }) => {
                const at = `hours.${code}.holidays.${date}`
                return (
                  <tr key={date}>
                    <th scope="row" className="figures">
                      {date} <small>{date < today ? words.past : words.days[weekday(date)]}</small>
                    </th>
                    <td>
                      <TextField isCell path={`${at}.name`} label={`${date} · ${words.holidayName}`} />
                    </td>
                    <td>
                      <TextField
                        isCell
                        path={`${at}.open`}
                        label={`${date} · ${words.open}`}
                        placeholder={texts.closed}
                        tidy={tidy}
                      />
                    </td>
                    <td>
                      <IconButton
                        icon={X}
                        label={words.removeHoliday(name || date)}
                        onPress={() => editor.edit(without(editing.draft, at))}
                      />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      <AddHoliday code={code} />
    </Part>
  )
}

/** One day, or a week of them. */
function AddHoliday({ code }: { readonly code: string }) {
  const { editor, texts } = usePlan()
  const words = texts.hours
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [name, setName] = useState('')
  const days = daysBetween(from, to || from)
  const add = (event: FormEvent) => {
    event.preventDefault()
    if (!days) return
    editor.edit(
      Object.fromEntries(
        days.flatMap((day) => [
          [`hours.${code}.holidays.${day}.name`, name.trim()],
          [`hours.${code}.holidays.${day}.open`, ''],
        ]),
      ),
    )
    setFrom('')
    setTo('')
    setName('')
  }
  return (
    <form className="plan-add" onSubmit={add}>
      <label>
        {words.from}
        <input
          className="input figures"
          type="date"
          required
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        {words.to}
        <input
          className="input figures"
          type="date"
          value={to}
          min={from}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      <label>
        {words.holidayName}
        <input
          className="input"
          list="plan-usual"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <datalist id="plan-usual">
        {words.usual.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Button type="submit" isDisabled={!days || !name.trim()}>
        <Plus size={14} aria-hidden />
        {words.addHoliday}
      </Button>
      {from && !days && <p className="plan-wrong">{words.badDates}</p>}
    </form>
  )
}

function daysBetween(from: string, to: string): string[] | null {
  if (!from || to < from) return null
  const days = [from]
  while (days.at(-1)! < to && days.length <= MAX_DAYS) days.push(dayAfter(days.at(-1)!))
  return days.length <= MAX_DAYS ? days : null
}
