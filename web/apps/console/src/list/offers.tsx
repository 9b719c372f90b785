import { duration, relativeTime } from '@wecc/ui'
import { BadgeCheck } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'

import { useNow } from '../controls/age'
import { Button } from '../controls/button'
import { useDesk, useTierName, useWorkplace } from '../desk/context'
import { explain } from '../desk/reason'
import { keysOf, useCommand } from '../desk/shortcuts'
import { startReply } from '../desk/start-reply'
import type { OfferCard } from '../desk/state'
import { clock } from '../desk/clock'
import { useLocale, useTexts } from '../texts'

const QUIET_MS = 1_000

/** Requests that are mine to take, above the list and never over the work. */
export function Offers() {
  const { offer } = useTexts()
  const workplace = useWorkplace()
  const cards = useDesk((desk) => desk.offers)
  const first = cards.find((card) => card.gone === null && card.doing === null)?.offer.conversation.id

  const accept = async (id: string) => {
    if (await workplace.acceptOffer(id)) startReply(id)
  }
  useCommand('accept', first === undefined ? null : () => void accept(first))
  useCommand('decline', first === undefined ? null : () => void workplace.declineOffer(first))

  const typed_ms = useRef(0)
  useEffect(() => {
    if (first === undefined) return
    // Enter takes the request when nothing else has the focus, and so the key; not right after other keys, which
    // were meant for a text that has just gone from the screen.
    const onKey = (event: KeyboardEvent) => {
      const quiet_ms = event.timeStamp - typed_ms.current
      typed_ms.current = event.timeStamp
      if (event.key !== 'Enter' || event.defaultPrevented || quiet_ms < QUIET_MS) return
      if (document.activeElement !== document.body) return
      event.preventDefault()
      void accept(first)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })

  return (
    <section className="offers" aria-label={offer.title} aria-live="assertive">
      {cards.map((card) => (
        <OfferView
          key={`${card.offer.conversation.id}:${card.offer.version}`}
          card={card}
          hasKeys={card.offer.conversation.id === first}
          onAccept={() => void accept(card.offer.conversation.id)}
          onDecline={() => void workplace.declineOffer(card.offer.conversation.id)}
        />
      ))}
    </section>
  )
}

interface OfferViewProps {
  readonly card: OfferCard
  /** The keys answer the first card only. */
  readonly hasKeys: boolean
  readonly onAccept: () => void
  readonly onDecline: () => void
}

function OfferView({ card: { offer, doing, gone }, hasKeys, onAccept, onDecline }: OfferViewProps) {
  const texts = useTexts()
  const locale = useLocale()
  const tierName = useTierName()
  const me = useDesk((desk) => desk.me)
  const { conversation, reason, deadline_ms, offered_ms } = offer
  const now_ms = useNow()
  const left_s = Math.max(0, Math.ceil((deadline_ms - now_ms) / 1000))
  const name = conversation.visitor.name || texts.list.anonymous
  const since_ms = conversation.waiting_since_ms ?? conversation.started_ms
  return (
    <article className="offer" data-gone={gone !== null || undefined} data-hurry={left_s <= 5 || undefined}>
      <Countdown from_ms={offered_ms} until_ms={deadline_ms} isOver={gone !== null} />
      <header>
        <span className="offer-title">{texts.offer.kind(conversation.is_message)}</span>
        {gone === null && <span className="offer-left figures">{texts.offer.left(left_s)}</span>}
      </header>
      <div className="row-line">
        <strong className="clip offer-name">{name}</strong>
        {conversation.visitor.is_verified && (
          <BadgeCheck className="verified" size={14} role="img" aria-label={texts.list.verified} />
        )}
        <span className="clip row-tier" title={tierName(conversation.tier)}>
          {tierName(conversation.tier)}
        </span>
        <span className="row-age figures">
          {conversation.is_message
            ? relativeTime(since_ms, locale, now_ms)
            : texts.list.waited(duration(now_ms - since_ms))}
        </span>
      </div>
      {gone !== null ? (
        <p className="offer-gone">{texts.offer.gone[gone] ?? texts.offer.goneOther}</p>
      ) : (
        <>
          {conversation.preview && <p className="offer-words">{conversation.preview.text}</p>}
          {reason && <p className="offer-reason">{explain(reason, me.name, tierName(reason.tier), texts)}</p>}
          <footer>
            <Button
              look="primary"
              onPress={onAccept}
              isPending={doing === 'accept'}
              isDisabled={doing === 'decline'}
            >
              {doing === 'accept' ? texts.offer.accepting : texts.offer.accept}
              {hasKeys && <kbd>{keysOf('accept')}</kbd>}
            </Button>
            <Button onPress={onDecline} isPending={doing === 'decline'} isDisabled={doing === 'accept'}>
              {doing === 'decline' ? texts.offer.declining : texts.offer.decline}
              {hasKeys && <kbd>{keysOf('decline')}</kbd>}
            </Button>
          </footer>
        </>
      )}
    </article>
  )
}

interface CountdownProps {
  readonly from_ms: number
  readonly until_ms: number
  readonly isOver: boolean
}

/** The time left, as a bar that shrinks by the server's clock. */
function Countdown({ from_ms, until_ms, isOver }: CountdownProps) {
  const [elapsed_ms] = useState(() => clock.now_ms - from_ms)
  return (
    <span className="countdown" aria-hidden>
      {!isOver && (
        <i style={{ animationDuration: `${until_ms - from_ms}ms`, animationDelay: `${-elapsed_ms}ms` }} />
      )}
    </span>
  )
}
