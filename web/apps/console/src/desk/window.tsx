import './window.css'

import { type CSSProperties, lazy, Suspense, useEffect, useState } from 'react'

import { TopBar } from '../bar/top-bar'
import { CustomerPane } from '../customer/customer-pane'
import { Splitter } from '../customer/splitter'
import { useMaySeeKnowledge, useWaitingReviews } from '../knowledge/rights'
import { ListPane } from '../list/list-pane'
import { place, showConversation } from '../place'
import { AgentsPlace } from '../places/agents'
import { CannedPlace } from '../places/canned'
import { Rail } from '../places/rail'
import { preferences } from '../preferences'
import { useTexts } from '../texts'
import { EmptyThread, ThreadPane } from '../thread/thread-pane'
import { TransferPane } from '../thread/transfer-pane'
import { usePreferences, useStore } from '../use-store'
import { watchAttention } from './attention'
import { WorkplaceContext } from './context'
import { KeySheet } from './key-sheet'
import { listenToKeys, useCommand } from './shortcuts'
import type { Workplace } from './workplace'

const FloorPlace = lazy(() => import('../floor/floor-place'))
const FlowsPlace = lazy(() => import('../flows/flows-place'))
const KnowledgePlace = lazy(() => import('../knowledge/knowledge-place'))
const RoutingPlace = lazy(() => import('../plan/routing-place'))

/** The whole of the console: bar, rail, and the place one is at. */
export function Window({ workplace }: { readonly workplace: Workplace }) {
  const here = useStore(place)
  const [isSheetOpen, setIsSheetOpen] = useState(false)
  useCommand('sheet', () => setIsSheetOpen(true))

  useEffect(() => listenToKeys(), [])
  useEffect(() => watchAttention(workplace, showConversation), [workplace])

  const mayLead = workplace.session.role !== 'agent'
  const hasKnowledge = useMaySeeKnowledge(workplace)
  const toReview = useWaitingReviews(workplace)
  return (
    <WorkplaceContext value={workplace}>
      <div className="window">
        <TopBar onSheet={() => setIsSheetOpen(true)} />
        <div className="window-body">
          {(mayLead || hasKnowledge) && (
            <Rail
              here={here.name}
              role={workplace.session.role}
              hasKnowledge={hasKnowledge === true}
              toReview={toReview}
            />
          )}
          {here.name === 'desk' && <DeskPlace conversationId={here.conversationId} />}
          {(here.name === 'floor' || here.name === 'routing' || here.name === 'flows') && !mayLead && (
            <DeskPlace conversationId={null} />
          )}
          {here.name === 'knowledge' && hasKnowledge === false && <DeskPlace conversationId={null} />}
          {here.name === 'canned' && <CannedPlace />}
          {here.name === 'agents' && <AgentsPlace />}
          {here.name === 'floor' && mayLead && (
            <Suspense>
              <FloorPlace view={here.view} />
            </Suspense>
          )}
          {here.name === 'routing' && mayLead && (
            <Suspense>
              <RoutingPlace section={here.section} item={here.item} />
            </Suspense>
          )}
          {here.name === 'flows' && mayLead && (
            <Suspense>
              <FlowsPlace code={here.code} view={here.view} />
            </Suspense>
          )}
          {here.name === 'knowledge' && hasKnowledge && (
            <Suspense>
              <KnowledgePlace section={here.section} item={here.item} />
            </Suspense>
          )}
        </div>
        <KeySheet isOpen={isSheetOpen} onOpenChange={setIsSheetOpen} />
      </div>
    </WorkplaceContext>
  )
}

/** What the right pane shows; on a small screen it covers the others while it is asked for. */
export type Side = 'customer' | 'transfer'

function DeskPlace({ conversationId }: { readonly conversationId: string | null }) {
  const texts = useTexts()
  const { rightPane_px, isRightPaneOpen } = usePreferences()
  const [transferringId, setTransferringId] = useState<string | null>(null)
  const [isCustomerInFront, setIsCustomerInFront] = useState(false)
  const side: Side = transferringId !== null && transferringId === conversationId ? 'transfer' : 'customer'
  const isSideOpen = isRightPaneOpen || side === 'transfer'

  const toggleCustomer = () => {
    if (matchMedia('(max-width: 900px)').matches) setIsCustomerInFront((was) => !was)
    else preferences.change({ isRightPaneOpen: !isRightPaneOpen })
  }
  const endTransfer = () => {
    setTransferringId(null)
    setIsCustomerInFront(false)
  }
  useCommand('customer', toggleCustomer)
  useCommand(
    'back',
    side === 'transfer' ? endTransfer : isCustomerInFront ? () => setIsCustomerInFront(false) : null,
  )

  const front =
    conversationId === null ? 'list' : side === 'transfer' || isCustomerInFront ? 'side' : 'thread'
  return (
    <div
      className="desk"
      data-front={front}
      style={{ '--side': `${isSideOpen ? rightPane_px : 0}px` } as CSSProperties}
    >
      <ListPane openId={conversationId} />
      {conversationId === null ? (
        <EmptyThread />
      ) : (
        <ThreadPane
          key={conversationId}
          id={conversationId}
          onTransfer={() => setTransferringId(conversationId)}
          onCustomer={toggleCustomer}
          isCustomerShown={isSideOpen}
        />
      )}
      {isSideOpen && <Splitter />}
      <aside className="side" aria-label={side === 'transfer' ? texts.transfer.title : texts.customer.title}>
        {conversationId !== null && side === 'transfer' && (
          <TransferPane key={conversationId} id={conversationId} onDone={endTransfer} />
        )}
        {side === 'customer' && (isSideOpen || isCustomerInFront) && (
          <CustomerPane id={conversationId} onBack={() => setIsCustomerInFront(false)} />
        )}
      </aside>
    </div>
  )
}
