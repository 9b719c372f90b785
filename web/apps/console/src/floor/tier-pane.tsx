import type { ConversationSummary, QueueNow } from '@wecc/protocol'
import { WeccError } from '@wecc/realtime'
import { plainText } from '@wecc/ui'
import { BadgeCheck } from 'lucide-react'
import { use, useState } from 'react'

import { Button } from '../controls/button'
import { useTierName, useWorkplace } from '../desk/context'
import { distance, percent } from '../desk/reason'
import type { DeskState } from '../desk/state'
import { startReply } from '../desk/start-reply'
import { useTexts } from '../texts'
import { AgentChooser } from './agent-chooser'
import { PlanContext, useFloorNow, useGroupName, useIsLive } from './context'
import { queueKey } from './history'
import { Since, StandingMark } from './marks'
import { Pane } from './pane'
import { groupsServing, isMessage, standingOf, waitersOf } from './standing'
import { type Acting, useAct } from './use-act'

/** So many at first: a long queue is worked from its front. */
const SHOWN_AT_ONCE = 30

export interface TierPaneProps {
  readonly code: string
  readonly queues: readonly QueueNow[]
  readonly desk: DeskState
}

/** Who waits in a tier, and what a supervisor can do for each. */
export function TierPane({ code, queues, desk }: TierPaneProps) {
  const texts = useTexts()
  const tierName = useTierName()
  const workplace = useWorkplace()
  const acting = useAct()
  const groupName = useGroupName()
  const plan = use(PlanContext)
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  const [expedited, setExpedited] = useState<ReadonlySet<string>>(new Set())
  const [assigning, setAssigning] = useState<ConversationSummary | null>(null)

  const waiters = waitersOf(desk.conversations.values(), code)
  const serving = plan ? groupsServing(plan, code) : []
  const nameOf = (one: ConversationSummary) => one.visitor.name || texts.list.anonymous

  const take = async (one: ConversationSummary) => {
    const work = async () => {
      if (desk.presence?.state === 'offline') throw new WeccError({ code: 'client.away', retryable: true })
      await workplace.pick(one.id)
    }
    if (await acting.act(`take ${one.id}`, work, texts.floor.tookIn(nameOf(one)))) startReply(one.id)
  }
  const expedite = async (one: ConversationSummary) => {
    const work = () => workplace.line.request('floor:expedite_work', { conversation_id: one.id })
    if (await acting.act(`expedite ${one.id}`, work, texts.floor.expeditedDone(nameOf(one))))
      setExpedited((all) => new Set(all).add(one.id))
  }
  const assign = async (one: ConversationSummary, agentId: string, agentName: string) => {
    const work = async () => {
      const { conversation } = await workplace.line.request('floor:assign_work', {
        conversation_id: one.id,
        agent_id: agentId,
      })
      workplace.desk.change({ type: 'conversation', conversation })
    }
    if (await acting.act('assign', work, texts.floor.assigned(nameOf(one), agentName))) setAssigning(null)
  }

  const live = waiters.filter((one) => !one.is_message)
  const messages = waiters.filter((one) => one.is_message)
  const liveQueues = queues.filter((one) => !isMessage(one))
  const threshold_s = (channel: QueueNow['channel']) =>
    queues.find((one) => one.channel === channel)?.threshold_s ?? Infinity
  const waiterOf = (one: ConversationSummary) => (
    <Waiter
      key={one.id}
      waiter={one}
      name={nameOf(one)}
      threshold_s={threshold_s(one.is_message ? 'message' : 'chat')}
      isExpedited={expedited.has(one.id)}
      acting={acting}
      onTake={() => void take(one)}
      onExpedite={() => void expedite(one)}
      onAssign={() => setAssigning(one)}
    />
  )
  return (
    <Pane title={tierName(code)} rowId={`floor-tier-${code}`} acting={acting}>
      {assigning ? (
        <AgentChooser
          key={assigning.id}
          tier={code}
          title={texts.floor.assignTitle(nameOf(assigning))}
          desk={desk}
          isWaiting={waiters.some((one) => one.id === assigning.id)}
          isBusy={acting.doing === 'assign'}
          onChoose={(agentId, agentName) => void assign(assigning, agentId, agentName)}
          onBack={() => setAssigning(null)}
        />
      ) : (
        <>
          {liveQueues.map((one) => (
            <QueueFacts
              key={queueKey(one)}
              queue={one}
              title={liveQueues.length > 1 ? texts.floor.channels[one.channel] : null}
            />
          ))}
          {queues.length === 0 && <p className="side-empty">{texts.floor.unknown}</p>}
          {serving.length > 0 && (
            <p className="served-by">
              <span>{texts.floor.servedBy}</span> {serving.map(groupName).join(' · ')}
            </p>
          )}
          <h3>{texts.floor.waiters(live.length)}</h3>
          {live.length === 0 && <p className="side-empty">{texts.floor.noWaiters}</p>}
          <ol className="waiters">{live.slice(0, shown).map(waiterOf)}</ol>
          {queues.filter(isMessage).map((one) => (
            <QueueFacts key={queueKey(one)} queue={one} title={texts.floor.messages(messages.length)} />
          ))}
          <ol className="waiters">{messages.slice(0, Math.max(0, shown - live.length)).map(waiterOf)}</ol>
          {waiters.length > shown && (
            <Button onPress={() => setShown(shown + SHOWN_AT_ONCE)}>
              {texts.floor.more(Math.min(SHOWN_AT_ONCE, waiters.length - shown))}
            </Button>
          )}
        </>
      )}
    </Pane>
  )
}

/** A queue's figures, and what it promised. */
function QueueFacts({ queue, title }: { readonly queue: QueueNow; readonly title: string | null }) {
  const { floor: texts } = useTexts()
  const { rate, target, asked, threshold_s, window_min } = queue
  const threshold = threshold_s < 120 ? texts.seconds(String(threshold_s)) : texts.spanOf(threshold_s / 60)
  const facts = [
    [texts.asked, asked],
    [texts.abandoned, queue.abandoned],
    [texts.excess, texts.seconds(queue.mean_excess_s.toFixed(1))],
    [texts.late, queue.late_decisions],
    [texts.ready, queue.agents_ready],
  ] as const
  return (
    <section>
      {title && <h3>{title}</h3>}
      <p className="tier-facts-rate">
        <strong className="figures">{asked ? percent(rate) : texts.noRate}</strong>
        {asked > 0 && <span className="figures">{distance(rate, target)}</span>}
        <StandingMark standing={standingOf(queue)} />
      </p>
      <p className="side-empty">{texts.promise(percent(target), threshold, texts.spanOf(window_min))}</p>
      <dl className="floor-facts">
        {facts.map(([what, value]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd className="figures">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

interface WaiterProps {
  readonly waiter: ConversationSummary
  readonly name: string
  readonly threshold_s: number
  readonly isExpedited: boolean
  readonly acting: Acting
  readonly onTake: () => void
  readonly onExpedite: () => void
  readonly onAssign: () => void
}

function Waiter({
  waiter,
  name,
  threshold_s,
  isExpedited,
  acting,
  onTake,
  onExpedite,
  onAssign,
}: WaiterProps) {
  const texts = useTexts()
  const now_ms = useFloorNow()
  const isLive = useIsLive()
  const { id, waiting_since_ms, preview, locale, visitor } = waiter
  const isLate = now_ms - (waiting_since_ms ?? now_ms) > threshold_s * 1000
  return (
    <li className="waiter">
      <p className="row-line">
        <strong className="clip">{name}</strong>
        {visitor.is_verified && (
          <BadgeCheck className="verified" size={14} role="img" aria-label={texts.list.verified} />
        )}
        <small>{locale === 'zh-CN' ? texts.customer.zh : texts.customer.en}</small>
        {isExpedited && <small className="waiter-next">{texts.floor.expedited}</small>}
        <span className="row-age figures" data-level={isLate ? 'over' : 'calm'}>
          {isLate && `${texts.floor.overdue} `}
          <Since since_ms={waiting_since_ms} />
        </span>
      </p>
      {preview && (
        <p className="waiter-said">
          {preview.sender_kind === 'agent' && texts.list.agentSaid}
          {plainText(preview.text) || texts.list.file}
        </p>
      )}
      <div className="waiter-actions">
        <Button isDisabled={!isLive} isPending={acting.doing === `take ${id}`} onPress={onTake}>
          {acting.doing === `take ${id}` ? texts.floor.doing : texts.floor.take}
        </Button>
        <Button
          isDisabled={!isLive || isExpedited}
          isPending={acting.doing === `expedite ${id}`}
          onPress={onExpedite}
        >
          {acting.doing === `expedite ${id}` ? texts.floor.doing : texts.floor.expedite}
        </Button>
        <Button isDisabled={!isLive} onPress={onAssign}>
          {texts.floor.assign}
        </Button>
      </div>
    </li>
  )
}
