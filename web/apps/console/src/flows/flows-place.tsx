import './flows.css'
import './text.css'
import './outline.css'
import './preview.css'
import './narrow.css'

import type { FlowList, FlowSummary } from '@wecc/protocol'
import { useCallback, useEffect, useMemo, useState } from 'react'

import { useDesk, useTierName, useWorkplace } from '../desk/context'
import { useReading } from '../reading'
import { useLocale } from '../texts'
import { useStore } from '../use-store'
import { viewOf } from './address'
import { FlowsContext, useFlows } from './context'
import { draftsOf } from './drafts'
import { Gone } from './deleted'
import { at } from './editor'
import { Flow } from './flow'
import { FlowsList } from './flows-list'
import { useFlowTexts } from './texts'
import { Waiting } from './waiting'

export interface FlowsPlaceProps {
  /** As the address has them. */
  readonly code: string | null
  readonly view: string | null
}

const SAID_MS = 6_000

/** Self-service flows: one a tier, edited as text, played, and put in force as versions. Source: 2.3. */
export default function FlowsPlace({ code, view }: FlowsPlaceProps) {
  const { session } = useWorkplace()
  const texts = useFlowTexts()
  const locale = useLocale()
  const tierMap = useDesk((desk) => desk.tiers)
  const tierName = useTierName()
  const list = useReading<FlowList>(at())
  const { again } = list
  const drafts = draftsOf(session.agent.id)
  const [said, setSaid] = useState('')
  // The same words twice are said twice.
  const say = useCallback((text: string) => setSaid((was) => (was === text ? `${text}\u200b` : text)), [])
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])

  const value = useMemo(
    () => ({
      flows: inOrder(list.value?.flows ?? [], [...tierMap.keys()]),
      unguided: list.value?.unguided ?? [],
      deleted: list.value?.deleted ?? [],
      drafts,
      tiers: [...tierMap.values()],
      tierName,
      texts,
      locale,
      again,
      say,
    }),
    [list.value, drafts, tierMap, tierName, texts, locale, again, say],
  )
  return (
    <FlowsContext value={value}>
      <main className="place flows">
        <header className="place-header flows-header">
          <h1>{texts.title}</h1>
          <p role="status" className="flows-said clip">
            {said}
          </p>
          {list.error && list.value && (
            <p role="alert" className="flows-offline">
              {texts.offline}
            </p>
          )}
        </header>
        {list.value ? <Panes code={code} view={view} /> : <Waiting reading={list} />}
      </main>
    </FlowsContext>
  )
}

/** Flows as their tiers are ordered; those that greet nobody come last. */
function inOrder(flows: readonly FlowSummary[], tiers: readonly string[]): readonly FlowSummary[] {
  const rank = (flow: FlowSummary) => {
    const ranks = flow.tiers.map((code) => tiers.indexOf(code)).filter((at) => at >= 0)
    return ranks.length ? Math.min(...ranks) : tiers.length
  }
  return [...flows].sort((one, other) => rank(one) - rank(other))
}

function Panes({ code, view }: FlowsPlaceProps) {
  const { flows, deleted, drafts } = useFlows()
  const kept = useStore(drafts)
  // Without a code the first flow that greets somebody is open; on a small screen, the list.
  const shown = code ?? flows[0]?.code ?? null
  const [isSideInFront, setIsSideInFront] = useState(false)
  useEffect(() => setIsSideInFront(false), [code, view])
  const front = code === null ? 'list' : isSideInFront ? 'side' : 'main'
  const isNew = shown !== null && !flows.some((one) => one.code === shown) && kept.has(shown)
  const gone = isNew ? undefined : deleted.find((one) => one.code === shown)
  return (
    <div className="flows-panes" data-front={front}>
      <FlowsList shown={shown} />
      {gone && <Gone flow={gone} />}
      {shown !== null && !gone && (
        <Flow
          key={shown}
          code={shown}
          isNew={isNew}
          view={isNew && view === 'versions' ? 'edit' : viewOf(view)}
          onSide={() => setIsSideInFront(!isSideInFront)}
          isSideInFront={isSideInFront}
        />
      )}
    </div>
  )
}
