import type { WhatIfFigures } from '@wecc/protocol'
import { duration } from '@wecc/ui'
import { ArrowDown, ArrowUp, Equal } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ProgressBar } from 'react-aria-components'

import { Button } from '../controls/button'
import { percent } from '../desk/reason'
import { useStore } from '../use-store'
import { usePlan } from './context'
import { areSame } from './fields'
import type { PlanTexts } from './texts'
import type { Trial } from './what-if'

/** The draft tried on the traffic of a day, beside the plan in force. */
export function TrialPane() {
  const { editing, whatIf, texts, say } = usePlan()
  const words = texts.whatIf
  const trial = useStore(whatIf)
  const [day, setDay] = useState(dayBefore(1))
  const isRunning = trial !== null && !trial.isOver
  const isDone = trial?.isOver && trial.failure === ''
  useEffect(() => {
    if (isDone) say(words.done)
  }, [isDone, say, words])

  const start = () => {
    const { view, plan, draft } = editing
    // Yesterday is the server's to know: it has the center's time zone.
    if (view) void whatIf.start(plan, draft, view.version.version, day === dayBefore(1) ? '' : day)
  }
  return (
    <>
      <p className="plan-hint">{words.intro}</p>
      {isRunning ? (
        <Running trial={trial} onStop={() => whatIf.clear()} />
      ) : (
        <div className="plan-trial-start">
          <input
            className="input figures"
            type="date"
            aria-label={words.day}
            max={dayBefore(0)}
            value={day}
            onChange={(event) => setDay(event.target.value || dayBefore(1))}
          />
          <Button onPress={start} isDisabled={editing.problems.length > 0}>
            {trial ? words.again : day === dayBefore(1) ? words.startYesterday : words.start}
          </Button>
          {editing.problems.length > 0 ? (
            <p className="plan-hint">{words.invalid}</p>
          ) : (
            !trial && editing.changes.length === 0 && <p className="plan-hint">{words.unchanged}</p>
          )}
        </div>
      )}
      {trial?.isOver && trial.failure !== '' && (
        <p className="plan-stale" role="alert">
          {words.failures[trial.failure] ?? words.failureOther}
        </p>
      )}
      {isDone && <Results trial={trial} onClear={() => whatIf.clear()} />}
    </>
  )
}

function Running({ trial, onStop }: { readonly trial: Trial; readonly onStop: () => void }) {
  const { texts } = usePlan()
  const words = texts.whatIf
  const share = Math.round(trial.progress * 100)
  const said = trial.id === '' || trial.progress === 0 ? words.preparing : words.running(`${share}%`)
  return (
    <div className="plan-trial-running">
      <ProgressBar aria-label={texts.consequences.whatIf} value={share} valueLabel={said}>
        <div className="plan-progress">
          <i style={{ width: `${share}%` }} />
        </div>
      </ProgressBar>
      <span className="figures">{said}</span>
      <Button onPress={onStop}>{words.stop}</Button>
    </div>
  )
}

function Results({ trial, onClear }: { readonly trial: Trial; readonly onClear: () => void }) {
  const { editing, texts, names, locale } = usePlan()
  const words = texts.whatIf
  const { now, then } = trial
  if (!now || !then) return null
  const isStale = !areSame(trial.of, editing.draft)
  const count = (n: number) => new Intl.NumberFormat(locale).format(n)
  return (
    <div className="plan-results" data-stale={isStale || undefined}>
      {isStale && <p className="plan-stale">{words.stale}</p>}
      <p>
        {words.requests(count(trial.requests), dayText(trial.day, locale))}
        {texts.colon}
        {words.result(then.tiers_met, now.tiers_met, askedTiers(then))}
      </p>
      <div className="plan-table-scroll">
        <table className="plan-table plan-compare">
          <thead>
            <tr>
              <th scope="col">{words.tier}</th>
              <th scope="col">{words.now}</th>
              <th scope="col">{words.then}</th>
              <th scope="col">{words.difference}</th>
            </tr>
          </thead>
          <tbody>
            {then.tiers.map((tier) => {
              const before = now.tiers.find((one) => one.tier === tier.tier)
              const isMet = tier.rate >= tier.target
              return (
                <tr key={tier.tier}>
                  <th scope="row">
                    {names.tier(tier.tier)}
                    <small>
                      {words.target} {percent(tier.target)}, {words.asked(count(tier.asked))}
                    </small>
                  </th>
                  {before && tier.asked > 0 ? (
                    <>
                      <td className="figures">{percent(before.rate)}</td>
                      <td className="figures">
                        <b>{percent(tier.rate)}</b>
                        <small data-met={isMet || undefined}>{isMet ? words.met : words.missed}</small>
                      </td>
                      <td>
                        <Difference points={tier.rate - before.rate} />
                      </td>
                    </>
                  ) : (
                    <td colSpan={3} className="plan-faint">
                      {words.nobodyAsked}
                    </td>
                  )}
                </tr>
              )
            })}
          </tbody>
          <tbody>
            {measures(now, then, words).map(({ key, from, to, text }) => (
              <tr key={key}>
                <th scope="row">{words.measures[key]}</th>
                <td className="figures">{text(from)}</td>
                <td className="figures">
                  <b>{text(to)}</b>
                </td>
                <td>
                  {key !== 'occupancy_percent' && (
                    <Shape
                      isBetter={isBetterWhenHigh(key) ? to > from : to < from}
                      isUp={to > from}
                      isSame={isNear(from, to)}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Button look="quiet" onPress={onClear}>
        {words.clear}
      </Button>
    </div>
  )
}

function Difference({ points }: { readonly points: number }) {
  const { whatIf: words } = usePlan().texts
  const isBetter = points > 0
  const shown = Math.abs(points).toFixed(1)
  if (Number(shown) === 0) return <Shape isSame isUp={false} isBetter={false} />
  return (
    <span
      className="plan-shape figures"
      data-better={isBetter || undefined}
      data-worse={!isBetter || undefined}
    >
      {isBetter ? <ArrowUp size={12} aria-hidden /> : <ArrowDown size={12} aria-hidden />}
      {isBetter ? words.better(shown) : words.worse(shown)}
    </span>
  )
}

interface ShapeProps {
  readonly isBetter: boolean
  readonly isUp: boolean
  readonly isSame: boolean
}

function Shape({ isBetter, isUp, isSame }: ShapeProps) {
  const { whatIf: words } = usePlan().texts
  if (isSame)
    return (
      <span className="plan-shape">
        <Equal size={12} aria-hidden />
        {words.equal}
      </span>
    )
  return (
    <span className="plan-shape" data-better={isBetter || undefined} data-worse={!isBetter || undefined}>
      {isUp ? <ArrowUp size={12} aria-hidden /> : <ArrowDown size={12} aria-hidden />}
      {isBetter ? words.improved : words.worsened}
    </span>
  )
}

/** Tiers of which nobody asked are neither on target nor off it. */
const askedTiers = ({ tiers }: WhatIfFigures): number => tiers.filter(({ asked }) => asked > 0).length

/** `+1.8`, `−4.3` */
const signed = (points: number): string =>
  `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(1)}`

type Measure = Exclude<keyof WhatIfFigures, 'tiers'>

const isBetterWhenHigh = (key: Measure): boolean => key === 'tiers_met' || key === 'worst_gap_pp'

const isNear = (a: number, b: number): boolean => Math.abs(a - b) < 0.05

interface Row {
  readonly key: Measure
  readonly from: number
  readonly to: number
  readonly text: (value: number) => string
}

function measures(now: WhatIfFigures, then: WhatIfFigures, words: PlanTexts['whatIf']): Row[] {
  const row = (key: Measure, text: Row['text']): Row => ({ key, from: now[key], to: then[key], text })
  const span: Row['text'] = (value_s) => duration(value_s * 1000)
  return [
    row('tiers_met', (met) => words.of(met, askedTiers(then))),
    row('worst_gap_pp', signed),
    row('wait_mean_s', span),
    row('wait_p99_s', span),
    row('wait_max_s', span),
    row('abandoned_percent', percent),
    row('late_decisions_percent', percent),
    row('occupancy_percent', percent),
  ]
}

const dayText = (day: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'long', day: 'numeric' }).format(Date.parse(day))

/** `YYYY-MM-DD`, so many days ago. */
function dayBefore(days: number): string {
  const day = new Date()
  day.setDate(day.getDate() - days)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
