import './floor.css'

import type { Floor, PlanView } from '@wecc/protocol'
import { Maximize } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useState } from 'react'

import { Button, Hint } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useWorkplace } from '../desk/context'
import { keysOf, useCommand } from '../desk/shortcuts'
import type { FloorPlaceView } from '../place'
import { useLocale, useTexts } from '../texts'
import { useStore } from '../use-store'
import { useCalmly } from './coalesce'
import { AsOfContext, PlanContext, useIsLive } from './context'
import { GroupPane } from './group-pane'
import { GroupsTable } from './groups-table'
import type { Span } from './history'
import { isMessage, presencesOf, queuesOf, staffOf, totalsOf } from './standing'
import { Alarm, Summary } from './summary'
import { TierPane } from './tier-pane'
import { TiersTable } from './tiers-table'
import { Trends } from './trends'
import { useHistory } from './use-history'
import { showWall, Wall, WALL_SPAN } from './wall'
import { FloorWatch } from './watch'

export interface FloorPlaceProps {
  readonly view: FloorPlaceView | null
}

/** The floor as it is now, for those who lead: each tier against its target, each group, each agent. */
export default function FloorPlace({ view }: FloorPlaceProps) {
  const texts = useTexts()
  const workplace = useWorkplace()
  const [watch] = useState(() => new FloorWatch(workplace.line))
  useEffect(() => watch.start(), [watch])
  const { floor, plan, asOf_ms, error, round } = useStore(watch)

  if (error !== null && !floor)
    return (
      <main className="place floor-failed" role="alert">
        <p className="problem">
          {texts.floor.failed} {errorText(error, texts)}
        </p>
        <Button look="primary" onPress={() => void watch.watch()}>
          {texts.retry}
        </Button>
      </main>
    )
  if (!floor || !plan) return <Skeleton />
  return (
    <AsOfContext value={asOf_ms}>
      <PlanContext value={plan.plan}>
        <LiveFloor view={view} floor={floor} plan={plan} round={round}>
          {asOf_ms !== null && <AsOf at_ms={asOf_ms} error={error} onRetry={() => void watch.watch()} />}
        </LiveFloor>
      </PlanContext>
    </AsOfContext>
  )
}

interface LiveFloorProps extends FloorPlaceProps {
  readonly floor: Floor
  readonly plan: PlanView
  readonly round: number
  /** What is to be said about the age of the figures. */
  readonly children: ReactNode
}

function LiveFloor({ view, floor, plan, round, children }: LiveFloorProps) {
  const { floor: texts } = useTexts()
  const workplace = useWorkplace()
  const desk = useCalmly(workplace.desk)
  const isLive = useIsLive()
  const [span, setSpan] = useState<Span>(60)
  const isWall = view?.kind === 'wall'
  const { history, error } = useHistory(floor, isWall ? WALL_SPAN : span, round)
  useCommand('wall', showWall)

  const queues = useMemo(() => queuesOf(floor, desk.tiers), [floor, desk.tiers])
  const live = useMemo(() => queues.filter((one) => !isMessage(one)), [queues])
  const agents = useMemo(() => new Map(plan.agents.map(({ agent }) => [agent.id, agent])), [plan])
  const presences = presencesOf(desk)
  const staff = staffOf([...agents.keys(), ...presences.keys()], presences)
  const isNobodyHere = staff.free + staff.busy + staff.paused + staff.unstable === 0
  return (
    <div className="floor" data-stale={!isLive || undefined} data-wall={isWall || undefined}>
      <main className="floor-main">
        <header className="floor-header">
          <div className="floor-title">
            <h1>{texts.title}</h1>
            <small>{texts.policy(texts.policies[floor.policy] ?? floor.policy)}</small>
          </div>
          <Summary totals={totalsOf(queues)} staff={staff} />
          {children}
          {!isWall && (
            <Hint text={texts.wall} keys={keysOf('wall')}>
              <Button onPress={showWall}>
                <Maximize size={14} aria-hidden />
                {texts.wall}
              </Button>
            </Hint>
          )}
        </header>
        <Alarm since_ms={floor.infeasible_since_ms} />
        {isNobodyHere && <p className="floor-notice">{texts.nobody}</p>}
        {isWall ? (
          <Wall queues={live} groups={floor.groups} history={history} />
        ) : (
          <div className="floor-sections">
            <TiersTable queues={queues} openTier={view?.kind === 'tier' ? view.code : null} />
            <section className="floor-group-section" aria-label={texts.groups}>
              <header className="floor-section">
                <h2>{texts.groups}</h2>
              </header>
              <GroupsTable groups={floor.groups} openGroup={view?.kind === 'group' ? view.code : null} />
            </section>
            <Trends queues={live} history={history} error={error} span={span} onSpan={setSpan} />
          </div>
        )}
      </main>
      {view?.kind === 'tier' && (
        <TierPane
          key={view.code}
          code={view.code}
          queues={queues.filter((one) => one.tier === view.code)}
          desk={desk}
        />
      )}
      {view?.kind === 'group' && (
        <GroupPane
          key={view.code}
          code={view.code}
          group={floor.groups.find((one) => one.group === view.code)}
          agents={agents}
          desk={desk}
        />
      )}
    </div>
  )
}

interface AsOfProps {
  readonly at_ms: number
  /** Why the figures are not live again though the line is. */
  readonly error: unknown
  readonly onRetry: () => void
}

function AsOf({ at_ms, error, onRetry }: AsOfProps) {
  const texts = useTexts()
  const locale = useLocale()
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', hourCycle: 'h23' }).format(at_ms)
  return (
    <div className="floor-as-of figures" role="status">
      {texts.floor.asOf(time)} {error === null ? texts.floor.disconnected : errorText(error, texts)}
      {error !== null && <Button onPress={onRetry}>{texts.retry}</Button>}
    </div>
  )
}

function Skeleton() {
  const { floor } = useTexts()
  return (
    <main className="place floor-skeleton" aria-busy aria-label={floor.title}>
      <div className="skeleton" />
      {Array.from({ length: 8 }, (_, row) => (
        <div key={row} className="skeleton" />
      ))}
    </main>
  )
}
