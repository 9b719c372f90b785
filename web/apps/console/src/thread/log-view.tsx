import './log.css'

import { ArrowDown, LoaderCircle } from 'lucide-react'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useWorkplace } from '../desk/context'
import type { Thread } from '../desk/thread'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { entriesOf } from './entries'
import { EntryView } from './entry-view'
import { Pending } from './pending'

/** Nearer to the end than this counts as reading the newest. */
const END_PX = 48

/** The log, always without a hole; stays at the end while one reads there, and nowhere moves by itself. */
export function LogView({ thread, isLive }: { readonly thread: Thread; readonly isLive: boolean }) {
  const texts = useTexts()
  const workplace = useWorkplace()
  const log = useStore(thread.log)
  const pending = useStore(thread.outbox)
  const typing = useStore(thread.typing)
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const heightBefore = useRef<number | null>(null)
  const [seen_seq, setSeen_seq] = useState<number | null>(null)
  const [error, setError] = useState<unknown>(null)
  const entries = useMemo(() => entriesOf(log.events), [log.events])

  const newCount =
    seen_seq === null
      ? 0
      : log.events.filter(
          (event) => event.seq > seen_seq && event.kind === 'message' && event.sender.kind === 'visitor',
        ).length

  const markRead = () => {
    const { cursor } = thread.log.getSnapshot()
    if (isLive && cursor !== null && isAtEnd.current && !document.hidden && document.hasFocus())
      workplace.mark(thread.id, { delivered_seq: cursor, read_seq: cursor })
  }

  const toEnd = () => {
    isAtEnd.current = true
    setSeen_seq(null)
    box.current?.scrollTo({ top: box.current.scrollHeight })
    markRead()
  }

  const onScroll = () => {
    const { scrollTop, clientHeight, scrollHeight } = box.current!
    const isEnd = scrollHeight - scrollTop - clientHeight < END_PX
    if (isEnd === isAtEnd.current) return
    isAtEnd.current = isEnd
    setSeen_seq(isEnd ? null : thread.log.getSnapshot().cursor)
    if (isEnd) markRead()
  }

  useLayoutEffect(() => {
    const view = box.current!
    if (heightBefore.current !== null && !log.isLoadingEarlier) {
      view.scrollTop += view.scrollHeight - heightBefore.current
      heightBefore.current = null
    } else if (isAtEnd.current) view.scrollTop = view.scrollHeight
    markRead()
  }, [log, pending, typing])

  useEffect(() => {
    // The composer grows, images arrive, the window shrinks: the end stays the end.
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
    })
    observer.observe(box.current!)
    addEventListener('focus', markRead)
    return () => {
      observer.disconnect()
      removeEventListener('focus', markRead)
    }
  }, [])

  const loadEarlier = async () => {
    setError(null)
    heightBefore.current = box.current!.scrollHeight
    try {
      await thread.log.loadEarlier()
    } catch (thrown) {
      heightBefore.current = null
      setError(thrown)
    }
  }

  return (
    <div className="log-frame">
      <div
        className="log"
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label={texts.thread.log}
      >
        <div className="log-inner">
          {log.hasEarlier && (
            <div className="log-earlier">
              <Button look="quiet" isPending={log.isLoadingEarlier} onPress={() => void loadEarlier()}>
                {log.isLoadingEarlier ? texts.thread.loading : texts.thread.loadEarlier}
              </Button>
              {error !== null && <span className="problem">{errorText(error, texts)}</span>}
            </div>
          )}
          {entries.map((entry) => (
            <EntryView key={entry.key} entry={entry} thread={thread} />
          ))}
          {pending.map((item) => (
            <Pending key={item.client_id} item={item} thread={thread} />
          ))}
        </div>
      </div>
      <p className="log-typing" aria-live="polite">
        {typing.map((sender) => texts.thread.typing(sender.name || texts.list.anonymous)).join(' ')}
      </p>
      {log.isBehind && (
        <p className="log-behind" role="status">
          <LoaderCircle className="spin" size={14} aria-hidden />
          {texts.thread.catchingUp}
        </p>
      )}
      {seen_seq !== null && (
        <Button className="log-pill" look={newCount ? 'primary' : 'plain'} onPress={toEnd}>
          <ArrowDown size={14} aria-hidden />
          {newCount ? texts.thread.newMessages(newCount) : texts.thread.toLatest}
        </Button>
      )}
    </div>
  )
}
