import type { ArticleList, CategoryNode, Gap, GapArticle, GapHandled, GapList } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useEffect, useRef, useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { showArticle } from '../knowledge/address'
import { pathOf } from '../knowledge/categories'
import { useKnowledge } from '../knowledge/context'
import { Problem, Waiting } from '../knowledge/controls'
import { useReading } from '../reading'
import { at, send, useAct } from '../knowledge/use-act'
import { useLearningTexts } from './texts'

const states = ['open', 'done', 'dismissed'] as const

const SHOWN = 100

interface Did {
  readonly gap: Gap
  readonly said: string
  readonly article: GapArticle | null
}

/** The editors' work list: one click teaches an article the question, or begins one. */
export function Gaps() {
  const words = useLearningTexts()
  const { rights } = useKnowledge()
  const [state, setState] = useState<(typeof states)[number]>('open')
  const reading = useReading<GapList>(at('gaps', { state, limit: SHOWN }), { isKept: true })
  const [did, setDid] = useState<Did | null>(null)
  const [asked, setAsked] = useState<{ gap: Gap; article: GapArticle } | null>(null)
  const about = useRef<HTMLParagraphElement>(null)
  const { isBusy, error, act, clear } = useAct()
  const list = reading.value
  // The row that was handled goes, and the focus with it.
  useEffect(() => about.current?.focus(), [did])

  const handle = (gap: Gap, said: (title: string) => string, body: object) =>
    void act(async () => {
      const { article } = await send<GapHandled>('POST', `gaps/${gap.id}`, body)
      setDid({ gap, said: said(article?.title ?? ''), article })
    })
  const reopen = (gap: Gap, article: GapArticle | null, isUndone: boolean) =>
    act(async () => {
      await send('POST', `gaps/${gap.id}`, { act: 'reopen', is_draft_undone: isUndone })
      setAsked(null)
      const said = !article
        ? words.back
        : isUndone
          ? (article.is_begun ? words.backBinned : words.backAsBefore)(article.title)
          : words.backKept(article.title)
      setDid({ gap: { ...gap, state: 'done' }, said, article })
    })
  const putBack = (gap: Gap, article: GapArticle | null) => {
    clear()
    if (article?.is_undoable) setAsked({ gap, article })
    else void reopen(gap, article, false)
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
      {asked === null && <Problem error={error} />}
      <p ref={about} role="status" tabIndex={-1} className="gap-did" hidden={did === null}>
        {did?.said}{' '}
        {did?.article && <OpenArticle article={did.article} />}
        {did && did.gap.state === 'open' && (
          <Button look="quiet" isDisabled={isBusy} onPress={() => putBack(did.gap, did.article)}>
            {words.undo}
          </Button>
        )}
      </p>
      {asked && (
        <Ask
          title={words.undoTitle}
          text={(asked.article.is_begun ? words.undoBegun : words.undoTaught)(asked.article.title)}
          confirm={asked.article.is_begun ? words.undoBin : words.undoTake}
          look="danger"
          isBusy={isBusy}
          problem={<Problem error={error} />}
          other={
            <Button isDisabled={isBusy} onPress={() => void reopen(asked.gap, asked.article, false)}>
              {words.undoKeep}
            </Button>
          }
          onConfirm={() => void reopen(asked.gap, asked.article, true)}
          onClose={() => setAsked(null)}
        />
      )}
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
              onPutBack={() => putBack(gap, gap.article)}
            />
          ))}
        </ol>
      )}
      {list && list.total > list.gaps.length && (
        <p className="kb-hint">{words.more(list.gaps.length, list.total)}</p>
      )}
    </>
  )
}

interface GapRowProps {
  readonly gap: Gap
  readonly mayEdit: boolean
  readonly isBusy: boolean
  readonly onHandle: (said: (title: string) => string, body: object) => void
  readonly onPutBack: () => void
}

function OpenArticle({ article }: { readonly article: GapArticle }) {
  const words = useLearningTexts()
  return (
    <Button
      look="quiet"
      aria-label={words.openArticleOf(article.title)}
      onPress={() => showArticle(article.article_id)}
    >
      {words.openArticle}
    </Button>
  )
}

function GapRow({ gap, mayEdit, isBusy, onHandle, onPutBack }: GapRowProps) {
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
          <Button
            look="quiet"
            aria-expanded={way === 'other'}
            onPress={() => setWay(way === 'other' ? '' : 'other')}
          >
            {words.otherArticle}
          </Button>
          <Button
            look="quiet"
            aria-expanded={way === 'write'}
            onPress={() => setWay(way === 'write' ? '' : 'write')}
          >
            {words.write}
          </Button>
          <Button
            look="quiet"
            isDisabled={isBusy}
            onPress={() => onHandle(() => words.gone, { act: 'dismiss' })}
          >
            {words.dismiss}
          </Button>
        </div>
      )}
      {gap.article && (
        <p className="gap-with">
          {(gap.article.is_begun ? words.begunWith : words.taughtWith)(gap.article.title)}{' '}
          <OpenArticle article={gap.article} />
        </p>
      )}
      {mayEdit && gap.state !== 'open' && (
        <Button look="quiet" isDisabled={isBusy} onPress={onPutBack}>
          {words.undo}
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
        <select className="input" autoFocus value={chosen} onChange={(event) => setChosen(event.target.value)}>
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
