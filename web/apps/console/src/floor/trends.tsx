import type { FloorHistory, QueueHistory, QueueNow } from '@wecc/protocol'
import { clockTime } from '@wecc/ui'
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { Radio, RadioGroup } from 'react-aria-components'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useTierName } from '../desk/context'
import { percent } from '../desk/reason'
import { useLocale, useTexts } from '../texts'
import type { TrendChart } from './chart'
import {
  momentAt,
  momentsOf,
  PLOT_PX,
  queueKey,
  type Scales,
  scalesOf,
  type Span,
  spans_min,
  valueAt,
} from './history'

export interface TrendsProps {
  readonly queues: readonly QueueNow[]
  readonly history: FloorHistory | null
  readonly error: unknown
  readonly span: Span
  readonly onSpan: (span: Span) => void
}

/** One small chart a tier, all on the same scales. */
export function Trends({ queues, history, error, span, onSpan }: TrendsProps) {
  const texts = useTexts()
  const { floor } = texts
  const [isTable, setIsTable] = useState(false)
  const [moment_ms, setMoment] = useState<number | null>(null)
  const tierName = useTierName()
  const hasChannels = queues.some((one) => one.channel !== 'chat')
  const nameOf = ({ tier, channel }: QueueNow) =>
    hasChannels ? `${tierName(tier)} · ${floor.channels[channel]}` : tierName(tier)

  const drawn = useDrawn(history, queues, span)
  return (
    <section className="floor-trends" aria-label={floor.trends}>
      <header className="floor-section">
        <h2>{floor.trends}</h2>
        <p className="trend-hint">{floor.trendHint}</p>
        <RadioGroup
          className="spans"
          aria-label={floor.span}
          orientation="horizontal"
          value={String(span)}
          onChange={(value) => onSpan(Number(value) as Span)}
        >
          {spans_min.map((one) => (
            <Radio key={one} value={String(one)}>
              {floor.spanOf(one)}
            </Radio>
          ))}
        </RadioGroup>
        <Button look="quiet" onPress={() => setIsTable(!isTable)}>
          {isTable ? floor.asCharts : floor.asTable}
        </Button>
      </header>
      {error !== null && (
        <p className="problem" role="alert">
          {floor.trendFailed} {errorText(error, texts)}
        </p>
      )}
      {!drawn && error === null && (
        <div className="trends">
          {queues.map((one) => (
            <div key={queueKey(one)} className="skeleton trend-skeleton" />
          ))}
        </div>
      )}
      {drawn && isTable && (
        <TrendTable queues={queues} pasts={drawn.pasts} scales={drawn.scales} nameOf={nameOf} />
      )}
      {drawn && !isTable && (
        <div className="trends">
          {drawn.pasts.map((past, at) => (
            <Trend
              key={queueKey(past)}
              name={nameOf(queues[at]!)}
              past={past}
              scales={drawn.scales}
              moment_ms={moment_ms}
              onMoment={setMoment}
            />
          ))}
        </div>
      )}
    </section>
  )
}

/** The history of the queues shown, in their order. */
const shownPasts = (history: FloorHistory, queues: readonly QueueNow[]): readonly QueueHistory[] => {
  const known = new Map(history.queues.map((one) => [queueKey(one), one]))
  return queues.map(
    ({ tier, channel, target }) =>
      known.get(queueKey({ tier, channel })) ?? { tier, channel, target, at_ms: [], rate: [], waiting: [] },
  )
}

export interface Drawn {
  readonly pasts: readonly QueueHistory[]
  readonly scales: Scales
}

/** What the charts of these queues draw; another object only when there is something else to draw. */
export function useDrawn(
  history: FloorHistory | null,
  queues: readonly QueueNow[],
  span: Span,
): Drawn | null {
  return useMemo(() => {
    if (!history) return null
    const pasts = shownPasts(history, queues)
    const to_ms = Math.max(0, ...pasts.map((one) => one.at_ms.at(-1) ?? 0))
    return { pasts, scales: scalesOf(pasts, span, to_ms) }
  }, [history, queues, span])
}

interface TrendProps {
  readonly name: string
  readonly past: QueueHistory
  readonly scales: Scales
  readonly moment_ms: number | null
  readonly onMoment: (at_ms: number | null) => void
}

function Trend({ name, past, scales, moment_ms, onMoment }: TrendProps) {
  const { floor } = useTexts()
  const locale = useLocale()
  const at_ms = moment_ms ?? scales.to_ms
  const rate = valueAt(past.at_ms, past.rate, at_ms)
  const rateText = rate === null ? floor.noRate : percent(rate)
  const waiting = valueAt(past.at_ms, past.waiting, at_ms) ?? floor.noRate
  const point = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    onMoment(momentAt(event.clientX - left, width, scales))
  }
  return (
    <figure className="trend">
      <figcaption>
        <strong className="clip" title={name}>
          {name}
        </strong>
        <span className="figures">
          {moment_ms !== null && <small>{clockTime(moment_ms, locale)} </small>}
          {rateText}
          <small>
            {' '}
            / {percent(past.target)} · {floor.waiting} {waiting}
          </small>
        </span>
      </figcaption>
      <div className="trend-plot" onPointerMove={point} onPointerLeave={() => onMoment(null)}>
        <TrendCanvas
          label={floor.trendOf(name, rateText, percent(past.target), waiting)}
          past={past}
          scales={scales}
          isBare={false}
        />
        {moment_ms !== null && <i className="trend-moment" style={{ left: leftOf(moment_ms, scales) }} />}
      </div>
    </figure>
  )
}

function leftOf(moment_ms: number, { from_ms, to_ms }: Scales): string {
  const share = (moment_ms - from_ms) / (to_ms - from_ms)
  return `calc(${PLOT_PX.left}px + (100% - ${PLOT_PX.left + PLOT_PX.right}px) * ${share})`
}

export interface TrendCanvasProps {
  readonly label: string
  readonly past: QueueHistory
  readonly scales: Scales
  readonly isBare: boolean
}

/** The chart itself; its library comes when the first is shown. */
export function TrendCanvas({ label, past, scales, isBare }: TrendCanvasProps) {
  const locale = useLocale()
  const element = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<TrendChart | null>(null)
  const theme = useThemeCount()

  useEffect(() => {
    let opened: TrendChart | null = null
    let isWanted = true
    void import('./chart').then(({ openTrend }) => {
      if (!isWanted) return
      opened = openTrend(element.current!, {
        isBare,
        timeText: (at_ms) => clockTime(at_ms, locale),
      })
      setChart(opened)
    })
    return () => {
      isWanted = false
      opened?.close()
      setChart(null)
    }
  }, [isBare, locale])

  useEffect(() => chart?.draw(past, scales), [chart, past, scales, theme])
  return <div ref={element} className="trend-canvas" role="img" aria-label={label} />
}

/** Counts changes of the theme: a canvas takes its colours when it is drawn. */
function useThemeCount(): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const changed = () => setCount((was) => was + 1)
    const system = matchMedia('(prefers-color-scheme: dark)')
    const observer = new MutationObserver(changed)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    system.addEventListener('change', changed)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', changed)
    }
  }, [])
  return count
}

interface TrendTableProps {
  readonly queues: readonly QueueNow[]
  readonly pasts: readonly QueueHistory[]
  readonly scales: Scales
  readonly nameOf: (queue: QueueNow) => string
}

function TrendTable({ queues, pasts, scales, nameOf }: TrendTableProps) {
  const { floor } = useTexts()
  const locale = useLocale()
  return (
    <div className="trend-table">
      <table className="floor-table">
        <caption className="visually-hidden">{floor.trends}</caption>
        <thead>
          <tr>
            <th scope="col">{floor.time}</th>
            {queues.map((one) => (
              <th key={queueKey(one)} scope="col" className="cell-number">
                {nameOf(one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {momentsOf(scales).map((at_ms) => (
            <tr key={at_ms}>
              <th scope="row" className="figures">
                {clockTime(at_ms, locale)}
              </th>
              {pasts.map((past) => {
                const rate = valueAt(past.at_ms, past.rate, at_ms)
                const waiting = valueAt(past.at_ms, past.waiting, at_ms)
                return (
                  <td key={queueKey(past)} className="cell-number">
                    {rate === null ? floor.noRate : percent(rate)}
                    {waiting !== null && (
                      <small>
                        {' '}
                        {floor.waiting} {waiting}
                      </small>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
