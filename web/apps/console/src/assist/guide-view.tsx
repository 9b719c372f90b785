import type { AssistedEvent, ChosenEvent, FilledEvent, HandedOverEvent } from '@wecc/protocol'
import { clockTime } from '@wecc/ui'
import { Bot, UserRoundCheck } from 'lucide-react'

import { useLocale, useTexts } from '../texts'
import { Markdown } from '../thread/markdown'
import { HandedOver } from './handed-over'
import { openArticle } from './reader'
import { useAssistTexts } from './texts'

/** What self-service said, or what the customer answered it. */
export function GuideView({ event }: { readonly event: AssistedEvent | ChosenEvent | FilledEvent }) {
  const texts = useAssistTexts()
  const { list } = useTexts()
  const locale = useLocale()
  const isOurs = event.kind === 'assisted'
  return (
    <div className="run guide" data-side={isOurs ? 'ours' : 'theirs'}>
      <header>
        {isOurs && <Bot size={13} aria-hidden />}
        <strong>{isOurs ? texts.selfService : event.sender.name || list.anonymous}</strong>
        <time dateTime={new Date(event.at_ms).toISOString()}>{clockTime(event.at_ms, locale)}</time>
      </header>
      {event.kind === 'assisted' && (
        <div className="bubble guide-bubble">
          <Markdown text={event.body.text} />
          {event.body.articles.length > 0 && (
            <ul>
              {event.body.articles.map((article) => (
                <li key={article.id}>
                  <button type="button" className="link" onClick={() => openArticle(article.id)}>
                    {article.title}
                  </button>
                </li>
              ))}
            </ul>
          )}
          {event.body.options.length > 0 && (
            <p className="guide-options">
              {event.body.options.map((option) => (
                <span key={option.id}>{option.label}</span>
              ))}
            </p>
          )}
        </div>
      )}
      {event.kind === 'chosen' && (
        <div className="bubble">
          <p>{event.body.label}</p>
        </div>
      )}
      {event.kind === 'filled' && (
        <div className="bubble">
          <dl className="facts">
            {event.body.fields.map((field) => (
              <div key={field.name}>
                <dt>{field.label}</dt>
                <dd>{field.value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </div>
  )
}

export function HandedOverView({ event }: { readonly event: HandedOverEvent }) {
  const texts = useAssistTexts()
  const locale = useLocale()
  return (
    <div className="note handed-over-note-frame">
      <header>
        <UserRoundCheck size={13} aria-hidden />
        <b>{texts.handedOver}</b>
        <time>{clockTime(event.at_ms, locale)}</time>
      </header>
      <HandedOver body={event.body} onOpen={openArticle} />
    </div>
  )
}
