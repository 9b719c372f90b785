import type { RemarkList } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'

import { useKnowledge } from '../knowledge/context'
import { Waiting } from '../knowledge/controls'
import { at } from '../knowledge/use-act'
import { useReading } from '../reading'
import { useLearningTexts } from './texts'

const SHOWN = 100

/** What readers missed, each beside its article. */
export function Remarks() {
  const words = useLearningTexts()
  const { locale } = useKnowledge()
  const reading = useReading<RemarkList>(at('remarks', { limit: SHOWN }))
  const list = reading.value
  if (!list) return <Waiting reading={reading} />
  if (list.remarks.length === 0) return <p className="kb-hint">{words.noRemarks}</p>
  return (
    <>
      <ol className="gaps">
        {list.remarks.map((one) => (
          <li key={`${one.article_id} ${one.at_ms}`}>
            <p className="remark-text">{one.text}</p>
            <p className="gap-text">
              <a href={`#/knowledge/articles/${one.article_id}`}>{one.title}</a>{' '}
              <small>
                {relativeTime(one.at_ms, locale)}
                {one.is_changed_since && ` · ${words.changedSince}`}
              </small>
            </p>
          </li>
        ))}
      </ol>
      {list.total > list.remarks.length && (
        <p className="kb-hint">{words.moreRemarks(list.remarks.length, list.total)}</p>
      )}
    </>
  )
}
