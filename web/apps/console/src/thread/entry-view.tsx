import type { Reason } from '@wecc/protocol'
import { clockTime, dayName, duration } from '@wecc/ui'
import { Check, CheckCheck, ChevronRight, StickyNote } from 'lucide-react'
import { useState } from 'react'
import { Button as AriaButton } from 'react-aria-components'

import { GuideView, HandedOverView } from '../assist/guide-view'
import { CopyButton } from '../controls/copy-button'
import { useDesk, useTierName } from '../desk/context'
import { distance, explain, percent } from '../desk/reason'
import type { Thread } from '../desk/thread'
import { useLocale, useTexts } from '../texts'
import { useStore } from '../use-store'
import { Attachments } from './attachments'
import { type Entry, receipt } from './entries'
import { Markdown } from './markdown'

export interface EntryViewProps {
  readonly entry: Entry
  readonly thread: Thread
}

export function EntryView({ entry, thread }: EntryViewProps) {
  const locale = useLocale()
  switch (entry.type) {
    case 'day':
      return <h3 className="log-day">{dayName(entry.at_ms, locale)}</h3>
    case 'messages':
      return <MessageRun entry={entry} thread={thread} />
    case 'note':
      return <NoteView entry={entry} />
    case 'routed':
      return <RoutedLine entry={entry} />
    case 'guide':
      return <GuideView event={entry.event} />
    case 'handed_over':
      return <HandedOverView event={entry.event} />
    case 'line':
      return <Line event={entry.event} />
  }
}

function MessageRun({
  entry: { sender, events },
  thread,
}: {
  entry: Entry & { type: 'messages' }
  thread: Thread
}) {
  const { thread: texts, list } = useTexts()
  const locale = useLocale()
  const marks = useDesk((desk) => desk.conversations.get(thread.id)?.marks)
  const threadMarks = useStore(thread, (state) => state.conversation?.marks)
  const side = sender.kind === 'visitor' ? 'theirs' : 'ours'
  const known = marks ?? threadMarks
  const how = side === 'ours' && known ? receipt(events.at(-1)!.seq, known) : null
  return (
    <div className="run" data-side={side}>
      <header>
        <strong>{sender.name || list.anonymous}</strong>
        <time dateTime={new Date(events[0]!.at_ms).toISOString()}>{clockTime(events[0]!.at_ms, locale)}</time>
      </header>
      {events.map((event) => (
        <div key={event.seq} className="message" title={clockTime(event.at_ms, locale)}>
          {event.body.text && (
            <div className="bubble">
              <Markdown text={event.body.text} />
            </div>
          )}
          <Attachments attachments={event.body.attachments} />
        </div>
      ))}
      {how && (
        <footer data-receipt={how}>
          {how === 'sent' ? <Check size={13} aria-hidden /> : <CheckCheck size={13} aria-hidden />}
          {texts[how]}
        </footer>
      )}
    </div>
  )
}

function NoteView({ entry: { event } }: { entry: Entry & { type: 'note' } }) {
  const { thread } = useTexts()
  const locale = useLocale()
  return (
    <div className="note">
      <header>
        <StickyNote size={13} aria-hidden />
        <b>{thread.note}</b>
        <span>{thread.noteHint}</span>
        <strong>{event.sender.name}</strong>
        <time>{clockTime(event.at_ms, locale)}</time>
      </header>
      <Markdown text={event.body.text} />
    </div>
  )
}

function Line({ event }: { event: (Entry & { type: 'line' })['event'] }) {
  const locale = useLocale()
  const words = useLineText()
  return (
    <p className="line">
      {words(event)}{' '}
      {event.kind === 'contact_left' && (
        <>
          <b>{event.body.contact}</b>
          <CopyButton text={event.body.contact} />{' '}
        </>
      )}
      <time>{clockTime(event.at_ms, locale)}</time>
    </p>
  )
}

function useLineText(): (event: (Entry & { type: 'line' })['event']) => string {
  const { events, list } = useTexts()
  const tierName = useTierName()
  return (event) => {
    switch (event.kind) {
      case 'started':
        return event.body.page_title ? events.startedOn(event.body.page_title) : events.started
      case 'queued': {
        const { channel, cause, tier } = event.body
        const message = channel === 'message' ? events.message[cause] : undefined
        return message ?? (events.queued[cause] ?? events.queued.asked!)(tierName(tier))
      }
      case 'contact_left':
        return events.contactLeft
      case 'joined':
        return events.joined(event.body.agent.name)
      case 'left':
        return (events.left[event.body.cause] ?? events.leftOther)(event.body.agent.name)
      case 'transferred':
        return event.body.to_agent
          ? events.transferredToAgent(event.body.by.name, event.body.to_agent.name)
          : events.transferredToTier(event.body.by.name, tierName(event.body.to_tier ?? ''))
      case 'closed':
        return (events.closed[event.body.cause] ?? events.closed.system!)(event.sender.name)
      case 'wrap_up_started':
        return events.wrapUpStarted(event.body.agent.name)
      case 'wrap_up_ended':
        return events.wrapUpEnded(event.body.agent.name)
      case 'identified':
        return events.identified(event.body.name || list.anonymous, tierName(event.body.tier))
    }
  }
}

/** "Why me?": the sentence, and on demand what the policy saw. Source: 2.4.3-05. */
function RoutedLine({ entry: { event } }: { entry: Entry & { type: 'routed' } }) {
  const texts = useTexts()
  const tierName = useTierName()
  const myId = useDesk((desk) => desk.me.id)
  const [isOpen, setIsOpen] = useState(false)
  const { agent, reason } = event.body
  return (
    <div className="line routed">
      <AriaButton className="routed-button" aria-expanded={isOpen} onPress={() => setIsOpen(!isOpen)}>
        <ChevronRight size={13} aria-hidden />
        {agent.id === myId ? texts.reason.why : texts.reason.whyOther(agent.name)}
      </AriaButton>
      <span>{explain(reason, agent.name, tierName(reason.tier), texts)}</span>
      {isOpen && reason.candidates.length > 0 && <Candidates reason={reason} />}
    </div>
  )
}

function Candidates({ reason }: { readonly reason: Reason }) {
  const { reason: texts } = useTexts()
  const tierName = useTierName()
  return (
    <table className="candidates figures">
      <caption>{texts.candidates}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.tier}</th>
          <th scope="col">{texts.rate}</th>
          <th scope="col">{texts.target}</th>
          <th scope="col">{texts.gapColumn}</th>
          <th scope="col">{texts.longest}</th>
        </tr>
      </thead>
      <tbody>
        {reason.candidates.map((one) => (
          <tr key={one.tier} data-chosen={one.tier === reason.tier || undefined}>
            <th scope="row">
              {tierName(one.tier)}
              {one.tier === reason.tier && <small> {texts.chosen}</small>}
            </th>
            <td>{percent(one.rate)}</td>
            <td>{percent(one.target)}</td>
            <td>{distance(one.rate, one.target)}</td>
            <td>{duration(one.wait_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
