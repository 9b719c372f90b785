import { clockTime, duration } from '@wecc/ui'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

import { hashOf } from '../place'
import { useLocale, useTexts } from '../texts'
import { useFloorNow } from './context'
import { HandsMark, Since } from './marks'
import type { Hands, Totals } from './standing'

export interface SummaryProps {
  readonly totals: Totals
  readonly staff: Readonly<Record<Hands, number>>
}

/** The floor in one line. */
export function Summary({ totals, staff }: SummaryProps) {
  const { floor: texts } = useTexts()
  const unrated = totals.count - totals.rated
  return (
    <dl className="floor-summary">
      <Total name={texts.totals.waiting}>
        <b>{totals.waiting}</b>
        {totals.messages > 0 && <small>{texts.totals.messages(totals.messages)}</small>}
      </Total>
      <Total name={texts.totals.longest}>
        <b className="summary-longest">
          <Since since_ms={totals.waiting_since_ms} />
        </b>
      </Total>
      <Total name={texts.totals.onTarget}>
        <b>{texts.totals.of(totals.met, totals.rated)}</b>
        {unrated > 0 && <small>{texts.totals.unrated(unrated)}</small>}
      </Total>
      <Total name={texts.totals.staff}>
        {(Object.keys(staff) as Hands[])
          .filter((hands) => hands !== 'unstable' || staff.unstable > 0)
          .map((hands) => (
            <span key={hands} className="summary-hands">
              <HandsMark hands={hands} />
              <b>{staff[hands]}</b>
              <small>{texts.hands[hands]}</small>
            </span>
          ))}
      </Total>
    </dl>
  )
}

function Total({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="summary-total">
      <dt>{name}</dt>
      <dd className="figures">{children}</dd>
    </div>
  )
}

const routingPlan = { name: 'routing', section: null, item: null } as const

/** Says that the targets contradict each other with the agents there are, and what helps. */
export function Alarm({ since_ms }: { readonly since_ms: number | null }) {
  const { floor: texts } = useTexts()
  const locale = useLocale()
  const now_ms = useFloorNow()
  return (
    <>
      {/* Read out once, when it begins; the time that ticks is outside of it. */}
      <p className="visually-hidden" role="alert">
        {since_ms !== null && texts.alarm.title}
      </p>
      {since_ms !== null && (
        <div className="floor-alarm">
          <TriangleAlert size={18} aria-hidden />
          <p>
            <strong>{texts.alarm.title}</strong>
            <span className="figures">
              {texts.alarm.since(clockTime(since_ms, locale), duration(now_ms - since_ms))}
            </span>
          </p>
          <p className="alarm-helps">
            {texts.alarm.helps} <a href={hashOf(routingPlan)}>{texts.alarm.plan}</a>
          </p>
        </div>
      )}
    </>
  )
}
