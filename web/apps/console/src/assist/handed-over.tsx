import type { HandedOverBody } from '@wecc/protocol'

import { CopyButton } from '../controls/copy-button'
import { useAssistTexts } from './texts'

export interface HandedOverProps {
  readonly body: HandedOverBody
  readonly onOpen: (articleId: string) => void
  /** Without the articles that were shown: the whole stands in the thread. */
  readonly isBrief?: boolean
}

/** All that happened before a person was asked for. Source: 2.3-13, 2.4.3-04. */
export function HandedOver({ body, onOpen, isBrief = false }: HandedOverProps) {
  const texts = useAssistTexts()
  const why = [
    texts.cause[body.cause],
    body.topic && (texts.topics[body.topic] ?? body.topic),
    body.wish && (texts.wish[body.wish] ?? body.wish),
  ].filter(Boolean)
  return (
    <div className="handed-over">
      <p className="handed-over-why">
        <b>{body.flow_name || texts.selfService}</b> <span>{why.join(' · ')}</span>
        {body.marks.map((mark) => (
          <mark key={mark}>{texts.marks[mark] ?? mark}</mark>
        ))}
      </p>
      {body.note && <p className="handed-over-note">{body.note}</p>}
      {body.path.length > 0 && (
        <p>
          <small>{texts.path}</small> {body.path.join(' › ')}
        </p>
      )}
      {body.questions.map((question, at) => (
        <div key={at} className="handed-over-question">
          <p>
            <small>{texts.asked}</small> “{question.text}”{' '}
            <span className="figures">{texts.sure(Math.round(question.confidence * 100))}</span>
            {question.outcome && <em> {texts.outcome[question.outcome]}</em>}
          </p>
          {!isBrief && question.articles.length > 0 && (
            <ul aria-label={texts.shown}>
              {question.articles.map((article) => (
                <li key={article.id}>
                  <button type="button" className="link" onClick={() => onOpen(article.id)}>
                    {article.title}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
      {body.fields.length > 0 && (
        <dl className="facts" aria-label={texts.form}>
          {body.fields.map((field) => (
            <div key={field.name}>
              <dt>{field.label}</dt>
              <dd>
                <span>{field.value}</span> <CopyButton text={field.value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}
