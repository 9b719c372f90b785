import type { Presence, RoutingPlan } from '@wecc/protocol'
import { ArrowLeft } from 'lucide-react'
import { use, useState } from 'react'
import { Input, ListBox, ListBoxItem, SearchField } from 'react-aria-components'

import { stateText } from '../bar/status-menu'
import { Button, IconButton } from '../controls/button'
import { useTierName } from '../desk/context'
import type { DeskState } from '../desk/state'
import { keysOf, useCommand } from '../desk/shortcuts'
import { type Texts, useTexts } from '../texts'
import { PlanContext, useIsLive } from './context'
import { HandsMark } from './marks'
import { doesServe, handsOf, presencesOf } from './standing'

export interface AgentChooserProps {
  readonly tier: string
  readonly title: string
  readonly desk: DeskState
  /** False once somebody else has taken the customer, or he left. */
  readonly isWaiting: boolean
  readonly isBusy: boolean
  readonly onChoose: (agentId: string, agentName: string) => void
  readonly onBack: () => void
}

/** To whom a waiting customer is given by hand: who is fit first, then who is not, with the reason. */
export function AgentChooser({ tier, title, desk, isWaiting, isBusy, onChoose, onBack }: AgentChooserProps) {
  const texts = useTexts()
  const tierName = useTierName()
  const isLive = useIsLive()
  const plan = use(PlanContext)
  const [query, setQuery] = useState('')
  const [chosenId, setChosenId] = useState<string | null>(null)
  useCommand('back', onBack)

  const wanted = query.trim().toLowerCase()
  const agents = choosable([...presencesOf(desk).values()], plan, tier).filter(({ agent }) =>
    agent.name.toLowerCase().includes(wanted),
  )
  const chosen = agents.find(({ agent }) => agent.id === chosenId)
  return (
    <div className="chooser">
      <div className="chooser-title">
        <IconButton icon={ArrowLeft} label={texts.floor.cancel} keys={keysOf('back')} onPress={onBack} />
        <h3>{title}</h3>
      </div>
      <SearchField aria-label={texts.floor.assignSearch} value={query} onChange={setQuery} autoFocus>
        <Input className="input" placeholder={texts.floor.assignSearch} />
      </SearchField>
      <ListBox
        className="targets"
        aria-label={title}
        selectionMode="single"
        escapeKeyBehavior="none"
        selectedKeys={chosenId ? [chosenId] : []}
        onSelectionChange={(keys) =>
          setChosenId(keys === 'all' ? null : (([...keys][0] as string | undefined) ?? null))
        }
        renderEmptyState={() => <p className="list-empty">{texts.floor.nobodyFound}</p>}
      >
        {agents.map((one) => (
          <ListBoxItem
            key={one.agent.id}
            id={one.agent.id}
            className="target"
            textValue={one.agent.name}
            isDisabled={one.state === 'offline'}
          >
            <HandsMark hands={handsOf(one)} />
            <span className="clip">{one.agent.name}</span>
            <small>
              {stateText(one, texts)}
              {one.load >= one.capacity && ` · ${texts.floor.full}`}
              {plan && !doesServe(plan, one.agent.id, tier) && ` · ${texts.floor.notServing}`}
            </small>
            <small className="figures">{texts.floor.loadOf(one.load, one.capacity)}</small>
          </ListBoxItem>
        ))}
      </ListBox>
      <p className="chooser-warning" role="status">
        {!isWaiting
          ? !isBusy && texts.errors['routing.not_waiting']
          : chosen && warningsFor(chosen, plan, tier, tierName(tier), texts).join(' ')}
      </p>
      <Button
        look="primary"
        isDisabled={!chosen || !isLive || !isWaiting}
        isPending={isBusy}
        onPress={() => chosen && onChoose(chosen.agent.id, chosen.agent.name)}
      >
        <span className="clip">
          {isBusy
            ? texts.floor.doing
            : chosen
              ? texts.floor.assignTo(chosen.agent.name)
              : texts.floor.assignPick}
        </span>
      </Button>
    </div>
  )
}

const handsRank = ['free', 'busy', 'paused', 'unstable', 'away'] as const

/** Fit agents first: serving the tier, free, least loaded. */
export const choosable = (
  presences: readonly Presence[],
  plan: RoutingPlan | null,
  tier: string,
): readonly Presence[] => {
  const rankOf = (one: Presence) =>
    handsRank.indexOf(handsOf(one)) + (plan && !doesServe(plan, one.agent.id, tier) ? handsRank.length : 0)
  return presences
    .map((one) => ({ one, rank: one.state === 'offline' ? Infinity : rankOf(one) }))
    .sort(
      (a, b) =>
        (a.rank === b.rank ? 0 : a.rank - b.rank) ||
        a.one.load - b.one.load ||
        a.one.agent.name.localeCompare(b.one.agent.name),
    )
    .map(({ one }) => one)
}

export function warningsFor(
  one: Presence,
  plan: RoutingPlan | null,
  tier: string,
  tierName: string,
  { floor }: Texts,
): readonly string[] {
  const { name, id } = one.agent
  return [
    ...(one.load >= one.capacity ? [floor.warnFull(name, one.load, one.capacity)] : []),
    ...(plan && !doesServe(plan, id, tier) ? [floor.warnNotServing(name, tierName)] : []),
    ...(one.state === 'paused' ? [floor.warnPaused(name)] : []),
    ...(one.state === 'unstable' ? [floor.warnUnstable(name)] : []),
  ]
}
