import type { ArticleList, CategoryNode, Gap, GapHandled, GapList } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useState } from 'react'

import { Button } from '../controls/button'
import { showArticle } from '../knowledge/address'
import { pathOf } from '../knowledge/categories'
import { useKnowledge } from '../knowledge/context'
import { Problem, Waiting } from '../knowledge/controls'
import { useReading } from '../knowledge/reading'
import { at, send, useAct } from '../knowledge/use-act'
import { useLearningTexts } from './texts'

const states = ['open', 'done', 'dismissed'] as const

/** The editors' work list: one click teaches an article the question, or begins one. */
export function Gaps() {
  const words = useLearningTexts()
  const { rights } = useKnowledge()
  const [state, setState] = useState<(typeof states)[number]>('open')
  const reading = useReading<GapList>(at('gaps', { state, limit: 50 }), { isKept: true })
  const [did, setDid] = useState<{ gap: Gap; said: string; articleId: string } | null>(null)
  const { isBusy, error, act } = useAct()
  const list = reading.value

  const handle = (gap: Gap, said: string, body: object) =>
    void act(async () => {
      const { article_id } = await send<GapHandled>('POST', `gaps/${gap.id}`, body)
      setDid({ gap, said, articleId: article_id })
    })
  const undo = () => {
    if (!did) return
    void act(async () => {
      await send('POST', `gaps/${did.gap.id}`, { act: 'reopen' })
      setDid(null)
    })
  }
  return (
    <>
      <div className="kb-filter">
        {states.map((one) => (
          <label key={one}>
            <input type="radio" name="gap-state" checked={one === state} onChange={() => setState(one)} />
            {words.states[one]}
          </label>
        ))}
      </div>
      <Problem error={error} />
      <p role="status" className="gap-did" hidden={did === null}>
        {did?.said}{' '}
        {did && did.articleId && (
          <Button look="quiet" onPress={() => showArticle(did.articleId)}>
            {words.openArticle}
          </Button>
        )}
        {did && did.gap.state === 'open' && (
          <Button look="quiet" isDisabled={isBusy} onPress={undo}>
            {words.undo}
          </Button>
        )}
      </p>
      {!list ? (
        <Waiting reading={reading} />
      ) : list.gaps.length === 0 ? (
        <p className="kb-hint">{state === 'open' ? words.none : words.noneOther}</p>
      ) : (
        <ol className="gaps">
          {list.gaps.map((gap) => (
            <GapRow
              key={gap.id}
              gap={gap}
              mayEdit={rights.is_editor}
              isBusy={isBusy}
              onHandle={(said, body) => handle(gap, said, body)}
            />
          ))}
        </ol>
      )}
    </>
  )
}

interface GapRowProps {
  readonly gap: Gap
  readonly mayEdit: boolean
  readonly isBusy: boolean
  readonly onHandle: (said: string, body: object) => void
}

function GapRow({ gap, mayEdit, isBusy, onHandle }: GapRowProps) {
  const words = useLearningTexts()
  const { locale } = useKnowledge()
  const [way, setWay] = useState<'' | 'other' | 'write'>('')
  const teach = (articleId: string) =>
    onHandle(words.taught, { act: 'add_alternative', article_id: articleId, text: gap.text })
  return (
    <li>
      <p className="gap-text">
        <b>{gap.text}</b> <span className="figures">{words.times(gap.times)}</span>{' '}
        <small>
          {words.causes[gap.cause]} · {relativeTime(gap.newest_ms, locale)}
        </small>
      </p>
      {gap.examples.length > 0 && (
        <p className="kb-hint">
          {words.also} {gap.examples.map((one) => `“${one}”`).join(' ')}
        </p>
      )}
      {mayEdit && gap.state === 'open' && (
        <div className="kb-actions">
          {gap.nearest.length > 0 && <span className="gap-teach">{words.teach}</span>}
          {gap.nearest.map((article) => (
            <Button
              key={article.id}
              isDisabled={isBusy}
              aria-label={words.teachTo(article.title)}
              onPress={() => teach(article.id)}
            >
              {article.title}
            </Button>
          ))}
          <Button look="quiet" onPress={() => setWay(way === 'other' ? '' : 'other')}>
            {words.otherArticle}
          </Button>
          <Button look="quiet" onPress={() => setWay(way === 'write' ? '' : 'write')}>
            {words.write}
          </Button>
          <Button
            look="quiet"
            isDisabled={isBusy}
            onPress={() => onHandle(words.gone, { act: 'dismiss' })}
          >
            {words.dismiss}
          </Button>
        </div>
      )}
      {mayEdit && gap.state !== 'open' && (
        <Button look="quiet" isDisabled={isBusy} onPress={() => onHandle(words.reopen, { act: 'reopen' })}>
          {words.reopen}
        </Button>
      )}
      {way === 'other' && <Finder onChoose={teach} />}
      {way === 'write' && (
        <Shelf
          onChoose={(category) =>
            onHandle(words.begun, { act: 'write', category_id: category, text: gap.text })
          }
        />
      )}
    </li>
  )
}

function Finder({ onChoose }: { readonly onChoose: (articleId: string) => void }) {
  const words = useLearningTexts()
  const [query, setQuery] = useState('')
  const found = useReading<ArticleList>(query.trim() ? at('articles', { q: query.trim(), limit: 8 }) : null, {
    isKept: true,
    isQuiet: true,
  })
  return (
    <div className="gap-finder">
      <input
        className="input"
        type="search"
        autoFocus
        aria-label={words.findArticle}
        placeholder={words.findArticle}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <ul>
        {found.value?.articles.map((article) => (
          <li key={article.id}>
            <Button look="quiet" onPress={() => onChoose(article.id)}>
              {article.title}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Shelf({ onChoose }: { readonly onChoose: (categoryId: string) => void }) {
  const words = useLearningTexts()
  const { categories, locale } = useKnowledge()
  const [chosen, setChosen] = useState('')
  const name = (one: CategoryNode) => (locale === 'en' ? one.name_en : one.name_zh)
  const all = categories ?? []
  return (
    <div className="gap-finder kb-actions">
      <label>
        {words.category}{' '}
        <select className="input" value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value="" />
          {all.map((one) => (
            <option key={one.id} value={one.id}>
              {pathOf(all, one.id).map(name).join(' › ')}
            </option>
          ))}
        </select>
      </label>
      <Button look="primary" isDisabled={!chosen} onPress={() => onChoose(chosen)}>
        {words.write}
      </Button>
    </div>
  )
}
