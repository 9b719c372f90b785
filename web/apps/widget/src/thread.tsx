import type { LogEvent } from '@wecc/protocol'
import { dayName } from '@wecc/ui'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'

import { Lightbox } from './attachment'
import { Icon } from './icons'
import { Avatar, MessageGroup, type OpenPicture } from './message-group'
import { usePanel } from './panel-context'
import { RichText } from './rich-text'
import { openStep, rowsOf } from './rows'
import { useStore } from './use-store'

const NEAR_PX = 60
const STEP_TOP_PX = 32

/** The conversation so far; before it, the greeting. */
export function Thread() {
  const { session, host, t, locale, later } = usePanel()
  const { face, conversation, visitor, entry, log, unread } = useStore(session)
  const { events, hasEarlier, isBehind, isLoadingEarlier } = useStore(log)
  const outbox = useStore(session.outbox)
  const typing = useStore(session.typing)
  const isOnline = useStore(session.connection).kind === 'online'
  const { isOpen } = useStore(host)
  const greeting = conversation ? null : (entry?.step ?? null)
  const rows = useMemo(() => rowsOf(events, outbox, greeting), [events, outbox, greeting])
  const openSeq = openStep(events, outbox)
  const [picture, setPicture] = useState<{ url: string; name: string } | null>(null)
  const [isEarlierFailed, setEarlierFailed] = useState(false)
  const [isAway, setAway] = useState(false)
  const view = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isAtBottom = useRef(true)
  const shownSeq = useRef<number | null>(null)
  const oldHeight = useRef<{ firstSeq: number | undefined; height: number }>({
    firstSeq: undefined,
    height: 0,
  })

  const toBottom = () => {
    const el = view.current
    if (!el) return
    el.scrollTop = el.scrollHeight
    isAtBottom.current = true
    setAway(false)
    session.see(true)
  }

  /** A step that is longer than the view is read from its beginning. Returns whether this is the moment. */
  const showsTop = () => {
    const isResumed = shownSeq.current === null && events.length > 0
    if (isResumed || (shownSeq.current === null && rows.length > 0)) shownSeq.current = isResumed ? openSeq : 0
    if (openSeq === null || openSeq === shownSeq.current) return false
    shownSeq.current = openSeq
    const el = view.current!
    const bubble = [...content.current!.querySelectorAll('.bubble-line')].at(-1) as HTMLElement | undefined
    const top = bubble ? bubble.getBoundingClientRect().top - el.getBoundingClientRect().top : 0
    if (!bubble || el.scrollHeight - el.scrollTop - top < el.clientHeight) return false
    el.scrollTop += top - STEP_TOP_PX
    scrolled()
    return true
  }

  const loadEarlier = () => {
    setEarlierFailed(false)
    log.loadEarlier().catch(() => setEarlierFailed(true))
  }

  const scrolled = () => {
    const el = view.current!
    isAtBottom.current = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_PX
    setAway(!isAtBottom.current)
    session.see(isAtBottom.current)
    if (el.scrollTop < 120 && hasEarlier && !isLoadingEarlier && !isEarlierFailed) loadEarlier()
  }

  // What one writes oneself is always shown.
  const newestOwn = outbox.at(-1)?.client_id
  useLayoutEffect(() => {
    isAtBottom.current = true
  }, [newestOwn, log, isOpen])

  useLayoutEffect(() => {
    const el = view.current!
    const firstSeq = events[0]?.seq
    const before = oldHeight.current
    // Earlier messages came in above: what one reads stays where it is.
    if (before.firstSeq !== undefined && firstSeq !== undefined && firstSeq < before.firstSeq)
      el.scrollTop += el.scrollHeight - before.height
    else if (isAtBottom.current && !showsTop()) toBottom()
    oldHeight.current = { firstSeq, height: el.scrollHeight }
  })

  // Pictures, the keyboard and the window change the height without a render.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (isAtBottom.current) toBottom()
    })
    observer.observe(view.current!)
    observer.observe(content.current!)
    return () => observer.disconnect()
  }, [])

  const openPicture: OpenPicture = ({ name }, url) => setPicture({ url, name })
  const newestOwnRow = [...rows].reverse().find((row) => row.type === 'group' && row.by === 'visitor')
  // A visitor who comes back sees his conversation, not first the greeting for new ones.
  const isResuming = session.isKnown && !visitor && rows.length === 0
  const isGuidedFirst = rows.some((row) => row.type === 'group' && row.bubbles[0]?.step)
  const isKnown = face && !isResuming && (conversation || (entry && later !== undefined))

  return (
    <main class="thread">
      <div
        class="scroll"
        ref={view}
        onScroll={scrolled}
        tabIndex={0}
        role="log"
        aria-label={t('log')}
        aria-busy={isLoadingEarlier}
      >
        <div class="content" ref={content}>
          {isEarlierFailed && (
            <p class="note">
              {t('earlier_failed')}{' '}
              <button type="button" class="link" onClick={loadEarlier}>
                {t('retry')}
              </button>
            </p>
          )}
          {!hasEarlier && !isGuidedFirst && (
            <div class="hello">
              {!isKnown ? (
                <>
                  <span class="bone wide" />
                  <span class="bone" />
                </>
              ) : greeting && later ? (
                <>
                  <div class="greeting">
                    <RichText text={greeting.text} />
                  </div>
                  <later.Answers step={greeting} isOpen />
                </>
              ) : (
                <>
                  <p class="greeting">{locale === 'en' ? face.greeting_en : face.greeting_zh}</p>
                  {rows.length === 0 && <p class="intro">{t('intro')}</p>}
                </>
              )}
            </div>
          )}
          {rows.map((row) =>
            row.type === 'day' ? (
              <p key={row.key} class="day">
                <span>{dayName(row.at_ms, locale)}</span>
              </p>
            ) : row.type === 'line' ? (
              <p key={row.key} class="line">
                <LineText event={row.event} />
              </p>
            ) : (
              <MessageGroup
                key={row.key}
                group={row}
                marks={conversation?.marks ?? null}
                isOnline={isOnline}
                isNewestOwn={row === newestOwnRow}
                openSeq={openSeq}
                onOpenPicture={openPicture}
              />
            ),
          )}
          {isBehind && <p class="note">{t('behind')}</p>}
          {later && conversation?.status === 'guided' && <later.Working />}
          {typing.map(({ id, name }) => (
            <div key={id} class="group theirs typing">
              <Avatar name={name} />
              <span class="bubble dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              <span class="visually-hidden">{t('typing', { name })}</span>
            </div>
          ))}
        </div>
      </div>
      {isLoadingEarlier && <p class="note loading">{t('earlier_loading')}</p>}
      {isAway && (
        <button
          type="button"
          class={unread > 0 ? 'to-bottom news' : 'to-bottom'}
          aria-label={unread > 0 ? undefined : t('to_bottom')}
          onClick={toBottom}
        >
          {unread > 0 && t('new_messages', { count: unread })}
          <Icon shape="down" />
        </button>
      )}
      {picture && <Lightbox {...picture} onClose={() => setPicture(null)} />}
    </main>
  )
}

function LineText({ event }: { event: LogEvent }) {
  const { t } = usePanel()
  switch (event.kind) {
    case 'joined':
      return <>{t('line_joined', { name: event.body.agent.name })}</>
    case 'left':
      return <>{t('line_left', { name: event.body.agent.name })}</>
    case 'transferred': {
      const { by, to_agent } = event.body
      return (
        <>
          {to_agent
            ? t('line_transferred_to', { name: by.name, to: to_agent.name })
            : t('line_transferred', { name: by.name })}
        </>
      )
    }
    case 'queued':
      return <>{t(event.body.channel === 'message' ? 'line_handed_message' : 'line_handed_over')}</>
    case 'identified':
      return <>{t('line_identified', { name: event.body.name })}</>
    case 'closed': {
      const { cause } = event.body
      return (
        <>
          {cause === 'agent' ||
          cause === 'visitor' ||
          cause === 'abandoned' ||
          cause === 'solved' ||
          cause === 'idle'
            ? t(`line_closed_${cause}`)
            : t('line_closed_system')}
        </>
      )
    }
    default:
      return null
  }
}
