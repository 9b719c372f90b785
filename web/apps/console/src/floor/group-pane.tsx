import type { AgentRef, GroupNow, Presence, SetAgentPresence } from '@wecc/protocol'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { use, useState } from 'react'
import {
  Button as AriaButton,
  Dialog,
  Disclosure,
  DisclosurePanel,
  Heading,
  Input,
  Menu,
  MenuItem,
  MenuTrigger,
  Modal,
  ModalOverlay,
  Popover,
  SearchField,
} from 'react-aria-components'

import { pauseReasons, stateText } from '../bar/status-menu'
import { Button } from '../controls/button'
import { useTierName, useWorkplace } from '../desk/context'
import type { DeskState } from '../desk/state'
import { showConversation } from '../place'
import { useTexts } from '../texts'
import { PlanContext, useGroupName, useIsLive, useTierNames } from './context'
import { handsShown, HandsBar } from './groups-table'
import { HandsMark, Since } from './marks'
import { Pane } from './pane'
import { type Hands, handsOf, inHandOf, membersOf, presencesOf } from './standing'
import { type Acting, useAct } from './use-act'

/** From so many on, one looks for a name. */
const FILTER_FROM = 12

export interface GroupPaneProps {
  readonly code: string
  readonly group: GroupNow | undefined
  /** Everybody the plan can name, by id. */
  readonly agents: ReadonlyMap<string, AgentRef>
  readonly desk: DeskState
}

/** The agents of a group: what each does, and what a supervisor can set for him. */
export function GroupPane({ code, group, agents, desk }: GroupPaneProps) {
  const { floor: texts } = useTexts()
  const groupName = useGroupName()
  const tierNames = useTierNames()
  const plan = use(PlanContext)
  const acting = useAct()
  const [query, setQuery] = useState('')

  const presences = presencesOf(desk)
  const members = (plan ? membersOf(plan, code) : [])
    .map((id) => ({ agent: presences.get(id)?.agent ?? agents.get(id), presence: presences.get(id) }))
    .filter((one): one is Member => one.agent !== undefined)
    .sort(byHandsThenName)
  const wanted = query.trim().toLowerCase()
  const shown = members.filter(({ agent }) => agent.name.toLowerCase().includes(wanted))
  const planned = plan?.groups.find((one) => one.code === code)
  return (
    <Pane title={groupName(code)} rowId={`floor-group-${code}`} acting={acting}>
      {planned ? (
        <p className="served-by">
          <span>{texts.serves}</span> {tierNames(planned.tiers)}
        </p>
      ) : (
        <p className="side-empty">{texts.unknown}</p>
      )}
      {group && (
        <div className="group-facts">
          <HandsBar group={group} />
          <dl className="floor-facts">
            {handsShown.map((hands) => (
              <div key={hands}>
                <dt>
                  <HandsMark hands={hands} /> {texts.hands[hands]}
                </dt>
                <dd className="figures">{group[hands]}</dd>
              </div>
            ))}
            <div>
              <dt>{texts.load}</dt>
              <dd className="figures">{texts.loadOf(group.load, group.capacity)}</dd>
            </div>
          </dl>
        </div>
      )}
      <h3>{texts.agents(members.length)}</h3>
      {members.length === 0 && <p className="side-empty">{texts.noAgents}</p>}
      {members.length >= FILTER_FROM && (
        <SearchField aria-label={texts.filter} value={query} onChange={setQuery}>
          <Input className="input" placeholder={texts.filter} />
        </SearchField>
      )}
      <ul className="staff">
        {shown.map((one) => (
          <li key={one.agent.id}>
            <AgentRow {...one} desk={desk} acting={acting} />
          </li>
        ))}
      </ul>
    </Pane>
  )
}

interface Member {
  readonly agent: AgentRef
  readonly presence: Presence | undefined
}

const handsRank: readonly Hands[] = ['free', 'busy', 'unstable', 'paused', 'away']

const byHandsThenName = (a: Member, b: Member): number =>
  handsRank.indexOf(handsOf(a.presence)) - handsRank.indexOf(handsOf(b.presence)) ||
  a.agent.name.localeCompare(b.agent.name)

interface AgentRowProps extends Member {
  readonly desk: DeskState
  readonly acting: Acting
}

function AgentRow({ agent, presence, desk, acting }: AgentRowProps) {
  const texts = useTexts()
  const hands = handsOf(presence)
  return (
    <Disclosure className="staff-row">
      {({ isExpanded }) => (
        <>
          <Heading level={4}>
            <AriaButton slot="trigger">
              <ChevronRight size={14} aria-hidden />
              <HandsMark hands={hands} />
              <span className="clip staff-name">{agent.name}</span>
              <small className="clip">
                {presence ? stateText(presence, texts) : texts.floor.hands.away}
                {hands === 'busy' && ` · ${texts.floor.full}`}
              </small>
              <span className="figures staff-since">
                {presence && presence.since_ms > 0 && hands !== 'away' && (
                  <Since since_ms={presence.since_ms} />
                )}
              </span>
              <span className="figures staff-load">
                {presence && texts.floor.loadOf(presence.load, presence.capacity)}
              </span>
            </AriaButton>
          </Heading>
          <DisclosurePanel>
            {isExpanded && <AgentDetail agent={agent} presence={presence} desk={desk} acting={acting} />}
          </DisclosurePanel>
        </>
      )}
    </Disclosure>
  )
}

function AgentDetail({ agent, presence, desk, acting }: AgentRowProps) {
  const texts = useTexts()
  const tierName = useTierName()
  const workplace = useWorkplace()
  const isLive = useIsLive()
  const [isAsking, setIsAsking] = useState(false)
  const inHand = inHandOf(desk.conversations.values(), agent.id)
  const openCount = inHand.filter((one) => !one.is_wrap_up).length
  const state = presence?.state ?? 'offline'

  const set = (name: string, change: Omit<SetAgentPresence, 'agent_id'>, done: string) => {
    const work = async () => {
      const changed = await workplace.line.request('floor:set_presence', { agent_id: agent.id, ...change })
      workplace.desk.change({ type: 'presence', presence: changed })
    }
    void acting.act(`${name} ${agent.id}`, work, done)
  }
  const label = (name: string, text: string) =>
    acting.doing === `${name} ${agent.id}` ? texts.floor.doing : text
  const isPending = (name: string) => acting.doing === `${name} ${agent.id}`
  return (
    <div className="staff-detail">
      <h5>{texts.floor.inHand}</h5>
      {inHand.length === 0 && <p className="side-empty">{texts.floor.nothingInHand}</p>}
      <ul>
        {inHand.map((one) => (
          <li key={one.id}>
            <AriaButton className="in-hand" onPress={() => showConversation(one.id)}>
              <span className="clip">{one.visitor.name || texts.list.anonymous}</span>
              <small className="clip">{tierName(one.tier)}</small>
              {one.is_wrap_up ? (
                <small>{texts.floor.wrapUp}</small>
              ) : (
                <span className="figures">
                  <Since since_ms={one.started_ms} />
                </span>
              )}
            </AriaButton>
          </li>
        ))}
      </ul>
      <div className="staff-actions">
        {state !== 'ready' && (
          <Button
            isDisabled={!isLive}
            isPending={isPending('ready')}
            onPress={() => set('ready', { state: 'ready' }, texts.floor.done.ready(agent.name))}
          >
            {label('ready', texts.floor.setReady)}
          </Button>
        )}
        {state !== 'offline' && (
          <>
            <MenuTrigger>
              <Button isDisabled={!isLive} isPending={isPending('pause')}>
                {label('pause', texts.floor.pause)}
                <ChevronDown size={14} aria-hidden />
              </Button>
              <Popover className="popover" placement="bottom start" offset={4}>
                <Menu
                  className="menu"
                  aria-label={texts.floor.pauseFor}
                  onAction={(reason) =>
                    set(
                      'pause',
                      { state: 'paused', reason: reason as NonNullable<SetAgentPresence['reason']> },
                      texts.floor.done.paused(agent.name),
                    )
                  }
                >
                  {(['by_supervisor', ...pauseReasons] as const).map((reason) => (
                    <MenuItem key={reason} id={reason} className="menu-item">
                      {texts.reasons[reason]}
                    </MenuItem>
                  ))}
                </Menu>
              </Popover>
            </MenuTrigger>
            {openCount > 0 && presence?.reason !== 'draining' && (
              <Button
                isDisabled={!isLive}
                isPending={isPending('when_done')}
                onPress={() =>
                  set(
                    'when_done',
                    { state: 'offline', when_done: true },
                    texts.floor.done.whenDone(agent.name),
                  )
                }
              >
                {label('when_done', texts.floor.whenDone)}
              </Button>
            )}
            <Button
              look="quiet"
              isDisabled={!isLive}
              isPending={isPending('offline')}
              onPress={() => setIsAsking(true)}
            >
              {label('offline', texts.floor.signOff)}
            </Button>
          </>
        )}
      </div>
      <ModalOverlay className="overlay" isOpen={isAsking} onOpenChange={setIsAsking} isDismissable>
        <Modal>
          <Dialog role="alertdialog" className="dialog ask">
            <Heading slot="title">{texts.floor.signOffTitle(agent.name)}</Heading>
            <p>{texts.floor.signOffAsk(openCount)}</p>
            <footer>
              <Button slot="close" autoFocus>
                {texts.floor.cancel}
              </Button>
              <Button
                look="danger"
                onPress={() => {
                  setIsAsking(false)
                  set('offline', { state: 'offline' }, texts.floor.done.offline(agent.name))
                }}
              >
                {texts.floor.signOffConfirm}
              </Button>
            </footer>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </div>
  )
}
