import type { PlanCheck } from '@wecc/protocol'
import { duration } from '@wecc/ui'

import { percent } from '../desk/reason'
import { usePlan } from './context'
import { SMALL_GROUP } from './groups'

const [WIDTH, HEIGHT] = [300, 170]
const BOX = { left: 34, right: 10, top: 20, bottom: 34 }
const LEVELS = [0, 25, 50, 75, 100]

export interface Here {
  readonly name: string
  readonly agents: number
}

/** How busy so many agents can be at the same target: why a group should have fifty. Source: 2.4.1-03. */
export function StaffingCurve({ check, here }: { readonly check: PlanCheck; readonly here: Here | null }) {
  const { texts } = usePlan()
  const words = texts.curve
  const points = [...check.staffing].sort((a, b) => a.agents - b.agents)
  if (points.length < 2) return null
  const [first, last] = [points[0]!.agents, points.at(-1)!.agents]
  // Small groups are what it is about, so each doubling takes the same space.
  const x = (agents: number) =>
    BOX.left +
    ((Math.log(Math.min(last, Math.max(first, agents))) - Math.log(first)) /
      (Math.log(last) - Math.log(first))) *
      (WIDTH - BOX.left - BOX.right)
  const y = (occupancy: number) => BOX.top + (1 - occupancy / 100) * (HEIGHT - BOX.top - BOX.bottom)
  const ticks = [first, 10, 20, SMALL_GROUP, 100, 200, last].filter(
    (n, at, all) =>
      n >= first && n <= last && all.indexOf(n) === at && (at === all.length - 1 || n * 1.8 < last),
  )
  const mine = here && here.agents > 0 ? { ...here, occupancy: interpolated(points, here.agents) } : null
  const alternative = [
    words.text(points.map((one) => words.point(one.agents, percent(one.occupancy_percent))).join('; ')),
    mine && words.here(mine.name, mine.agents, percent(Math.round(mine.occupancy))),
  ]
  return (
    <figure className="plan-curve">
      <figcaption>
        {words.title}
        <small>{words.note(duration(check.handling_s * 1000))}</small>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={alternative.filter(Boolean).join(' ')}>
        {LEVELS.map((level) => (
          <g key={level}>
            <line
              className="plan-curve-grid"
              x1={BOX.left}
              x2={WIDTH - BOX.right}
              y1={y(level)}
              y2={y(level)}
            />
            <text x={BOX.left - 5} y={y(level) + 4} textAnchor="end">
              {level}%
            </text>
          </g>
        ))}
        <text x={0} y={9}>
          {words.y}
        </text>
        {ticks.map((agents) => (
          <text key={agents} x={x(agents)} y={HEIGHT - BOX.bottom + 14} textAnchor="middle">
            {agents}
          </text>
        ))}
        <line
          className="plan-curve-fifty"
          x1={x(SMALL_GROUP)}
          x2={x(SMALL_GROUP)}
          y1={BOX.top}
          y2={HEIGHT - BOX.bottom}
        />
        <polyline
          className="plan-curve-line"
          points={points.map((one) => `${x(one.agents)},${y(one.occupancy_percent)}`).join(' ')}
        />
        {mine && (
          <g className="plan-curve-here">
            <line x1={x(mine.agents)} x2={x(mine.agents)} y1={y(mine.occupancy)} y2={HEIGHT - BOX.bottom} />
            <circle cx={x(mine.agents)} cy={y(mine.occupancy)} r="4" />
          </g>
        )}
        <text x={WIDTH - BOX.right} y={HEIGHT - 4} textAnchor="end">
          {words.x}
        </text>
      </svg>
      {mine && (
        <p className="plan-curve-legend">
          <i aria-hidden />
          {words.here(mine.name, mine.agents, percent(Math.round(mine.occupancy)))}
        </p>
      )}
    </figure>
  )
}

/** Between two points of the curve, on its own scale. */
export function interpolated(points: PlanCheck['staffing'], agents: number): number {
  const at = points.findIndex((one) => one.agents >= agents)
  if (at === -1) return points.at(-1)!.occupancy_percent
  const [low, high] = [points[at - 1], points[at]!]
  if (!low) return (high.occupancy_percent * agents) / high.agents
  const share = (Math.log(agents) - Math.log(low.agents)) / (Math.log(high.agents) - Math.log(low.agents))
  return low.occupancy_percent + share * (high.occupancy_percent - low.occupancy_percent)
}
