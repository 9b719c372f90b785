import type { CurvePoint, ThresholdCurve } from '@wecc/protocol'
import { useState } from 'react'

import { Button } from '../controls/button'
import { useWorkplace } from '../desk/context'
import { useKnowledge } from '../knowledge/context'
import { Field, Problem, Waiting } from '../knowledge/controls'
import { useReading } from '../reading'
import { at, send, useAct } from '../knowledge/use-act'
import { pointAt } from './curve-points'
import { useLearningTexts } from './texts'

const WIDTH = 520
const HEIGHT = 200
const LOWEST = 0.3

const x = (threshold: number) => ((threshold - LOWEST) / (1 - LOWEST)) * WIDTH
const y = (share: number) => (1 - share) * HEIGHT
const percent = (share: number | null, unknown: string) =>
  share === null ? unknown : `${Math.round(share * 1000) / 10}%`

/** What each threshold would answer and how much of it was right, and the threshold itself. */
export function Curve() {
  const words = useLearningTexts()
  const { say } = useKnowledge()
  const mayChange = useWorkplace().session.role !== 'agent'
  const reading = useReading<ThresholdCurve>(at('curve', { days: 90 }))
  const [answerAt, setAnswerAt] = useState<number | null>(null)
  const { isBusy, error, act } = useAct()
  const curve = reading.value
  if (!curve) return <Waiting reading={reading} />
  if (curve.questions === 0) return <p className="kb-hint">{words.curveEmpty}</p>
  const chosen = answerAt ?? curve.answer_at
  const save = (answer_at: number | null, suggest_at: number | null) =>
    void act(async () => {
      reading.put(await send<ThresholdCurve>('PUT', 'thresholds', { answer_at, suggest_at }))
      setAnswerAt(null)
      say(words.saved)
    })
  const now = pointAt(curve.points, curve.answer_at)
  const then = pointAt(curve.points, chosen)
  return (
    <>
      <svg
        className="curve"
        viewBox={`-36 -10 ${WIDTH + 48} ${HEIGHT + 36}`}
        role="img"
        aria-label={words.tableTitle}
      >
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <line className="curve-grid" x1={0} x2={WIDTH} y1={y(share)} y2={y(share)} />
            <text className="curve-label" x={-6} y={y(share) + 4} textAnchor="end">
              {share * 100}%
            </text>
          </g>
        ))}
        <Path className="curve-answered" points={curve.points} of={(point) => point.answered_share} />
        <Path className="curve-precision" points={curve.points} of={(point) => point.precision} />
        <line className="curve-now" x1={x(curve.answer_at)} x2={x(curve.answer_at)} y1={0} y2={HEIGHT} />
        <line className="curve-chosen" x1={x(chosen)} x2={x(chosen)} y1={0} y2={HEIGHT} />
        {[0.3, 0.5, 0.7, 0.9].map((threshold) => (
          <text key={threshold} className="curve-label" x={x(threshold)} y={HEIGHT + 18} textAnchor="middle">
            {threshold.toFixed(1)}
          </text>
        ))}
      </svg>
      <p className="curve-legend">
        <span className="curve-key curve-key-answered" /> {words.answered}{' '}
        <span className="curve-key curve-key-precision" /> {words.precision}
      </p>
      <Field label={words.threshold}>
        {(attributes) => (
          <input
            {...attributes}
            type="range"
            min={LOWEST}
            max={0.98}
            step={0.01}
            disabled={!mayChange}
            value={chosen}
            onChange={(event) => setAnswerAt(Number(event.target.value))}
          />
        )}
      </Field>
      <table className="kb-table">
        <thead>
          <tr>
            <th />
            <th scope="col">{words.threshold}</th>
            <th scope="col">{words.answered}</th>
            <th scope="col">{words.precision}</th>
            <th scope="col">{words.rated}</th>
          </tr>
        </thead>
        <tbody>
          <Row name={words.now} threshold={curve.answer_at} point={now} />
          {answerAt !== null && <Row name={words.chosen} threshold={chosen} point={then} />}
        </tbody>
      </table>
      <Problem error={error} />
      {mayChange && (
        <div className="kb-actions">
          <Button
            look="primary"
            isDisabled={answerAt === null}
            isPending={isBusy}
            onPress={() => save(chosen, Math.min(curve.suggest_at, chosen))}
          >
            {words.save}
          </Button>
          <Button look="quiet" isDisabled={isBusy} onPress={() => save(null, null)}>
            {words.reset(curve.default_answer_at.toFixed(2))}
          </Button>
        </div>
      )}
    </>
  )
}

interface RowProps {
  readonly name: string
  readonly threshold: number
  readonly point: CurvePoint | null
}

function Row({ name, threshold, point }: RowProps) {
  const words = useLearningTexts()
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="figures">{threshold.toFixed(2)}</td>
      <td className="figures">{percent(point?.answered_share ?? null, words.unknown)}</td>
      <td className="figures">{percent(point?.precision ?? null, words.tooFew)}</td>
      <td className="figures">{point?.rated ?? 0}</td>
    </tr>
  )
}

interface PathProps {
  readonly className: string
  readonly points: readonly CurvePoint[]
  readonly of: (point: CurvePoint) => number | null
}

function Path({ className, points, of }: PathProps) {
  const known = points.flatMap((point) => {
    const value = of(point)
    return value === null ? [] : [`${x(point.threshold)},${y(value)}`]
  })
  return <polyline className={className} points={known.join(' ')} />
}
