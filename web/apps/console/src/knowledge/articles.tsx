import type { ArticleRow } from '@wecc/protocol'
import type { WeccError } from '@wecc/realtime'
import { relativeTime } from '@wecc/ui'
import { ChevronLeft, Plus, Search, TriangleAlert, X } from 'lucide-react'
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import {
  Button as AriaButton,
  Collection,
  Input,
  type Key,
  ListBox,
  ListBoxItem,
  ListBoxLoadMoreItem,
  SearchField,
  useDragAndDrop,
} from 'react-aria-components'

import { acts } from '../acts'
import { useNow } from '../controls/age'
import { Button } from '../controls/button'
import { keysOf, useCommand } from '../desk/shortcuts'
import { whileSeen } from '../reading'
import { useStore } from '../use-store'
import { NEW, showArticle, showPart } from './address'
import { ArticlePane } from './article'
import { ArticleListing, type Listed, type ListQuery, type Scope } from './article-list'
import { pathOf } from './categories'
import { nameIn, personName, useKnowledge } from './context'
import { Problem } from './controls'
import { draftsOf } from './drafts'
import { listQuery } from './list-query'
import { StageMark } from './stage-mark'
import { ARTICLE_DRAG, CategoryTree } from './tree'

const scopes: readonly Scope[] = [
  'all',
  'mine',
  'to_review',
  'draft',
  'in_review',
  'approved',
  'published',
  'offline',
  'failing',
  'bin',
]

/** While one types, the search waits. */
const PAUSE_MS = 250

export interface ArticlesSectionProps {
  readonly nav: ReactNode
  /** On a small screen the sections are in front. */
  readonly isFirst: boolean
  readonly item: string | null
  readonly failed: WeccError | null
}

/** Categories, the list, and the article one works on. */
export function ArticlesSection({ nav, isFirst, item, failed }: ArticlesSectionProps) {
  const { categories, texts } = useKnowledge()
  const query = useStore(listQuery)
  const listed = useListed(query)
  const front = item !== null ? 'form' : isFirst ? 'side' : 'list'
  return (
    <div className="kb-panes kb-three" data-front={front}>
      <div className="kb-side">
        {nav}
        {categories ? (
          <CategoryTree
            categories={categories}
            chosen={query.category}
            total={listed.counts?.all ?? null}
            onChoose={(category) => {
              listQuery.change({ category })
              if (isFirst) showPart('articles')
            }}
          />
        ) : (
          <div className="kb-tree">
            <Problem error={failed} />
          </div>
        )}
      </div>
      <ArticleListPane query={query} listed={listed} openId={item} />
      {item === null ? (
        <section className="kb-article kb-nothing">
          <EmptyArticle />
        </section>
      ) : (
        <section className="kb-article" aria-label={texts.sections.articles}>
          <ArticlePane key={item} id={item} />
        </section>
      )}
    </div>
  )
}

function EmptyArticle() {
  const { texts, rights } = useKnowledge()
  return <p className="kb-hint">{rights.is_editor ? texts.articles.hint : texts.articles.hintReader}</p>
}

/** The list of a query; the one before stays on screen until the first page of the new one is there. */
function useListed(query: ListQuery): Listed & { readonly more: () => void; readonly again: () => void } {
  const done = useStore(acts)
  const [q, setQ] = useState(query.q)
  useEffect(() => {
    const timer = setTimeout(() => setQ(query.q), query.q === '' ? 0 : PAUSE_MS)
    return () => clearTimeout(timer)
  }, [query.q])
  const { scope, category } = query
  const listing = useMemo(() => new ArticleListing({ scope, category, q }), [scope, category, q])
  useEffect(() => () => listing.close(), [listing])
  useEffect(() => void listing.refresh(), [listing, done])
  useEffect(() => whileSeen(() => void listing.refresh()), [listing])
  const now = useStore(listing)
  const shown = useRef(now)
  useEffect(() => {
    if (now.rows !== null) shown.current = now
  })
  const kept = now.rows === null && now.error === null ? { ...shown.current, isReading: true } : now
  return { ...kept, more: () => void listing.more(), again: () => void listing.refresh() }
}

interface ArticleListPaneProps {
  readonly query: ListQuery
  readonly listed: ReturnType<typeof useListed>
  readonly openId: string | null
}

function ArticleListPane({ query, listed, openId }: ArticleListPaneProps) {
  const { texts, categories, rights, locale } = useKnowledge()
  const words = texts.articles
  const category = categories?.find((one) => one.id === query.category)
  const mayAdd = rights.is_editor && (categories?.length ?? 0) > 0
  return (
    <section className="kb-list" aria-label={words.title}>
      <header className="kb-list-head">
        <Button look="quiet" className="kb-back" onPress={() => showPart(null)}>
          <ChevronLeft size={16} aria-hidden />
          {texts.back}
        </Button>
        <SearchBox query={query.q} />
        {rights.is_editor && (
          <Button look="primary" isDisabled={!mayAdd} onPress={() => showArticle(NEW)}>
            <Plus size={14} aria-hidden />
            {words.add}
          </Button>
        )}
      </header>
      <Scopes scope={query.scope} listed={listed} />
      <p className="kb-list-about" role="status">
        {category && (
          <span className="clip">
            {words.in(
              pathOf(categories ?? [], category.id)
                .map((one) => nameIn(locale, one))
                .join(' / '),
            )}
          </span>
        )}
        {listed.rows && <span className="figures">{words.total(listed.total)}</span>}
      </p>
      <Problem error={listed.error} />
      <Rows query={query} listed={listed} openId={openId} />
    </section>
  )
}

function SearchBox({ query }: { readonly query: string }) {
  const { articles: words } = useKnowledge().texts
  const input = useRef<HTMLInputElement>(null)
  useCommand('search', () => input.current?.select())
  return (
    <SearchField
      className="kb-search"
      aria-label={words.search}
      value={query}
      onChange={(q) => listQuery.change({ q })}
    >
      <Search size={14} aria-hidden />
      <Input
        ref={input}
        className="input"
        placeholder={words.search}
        maxLength={300}
        title={keysOf('search')}
      />
      {query && (
        <AriaButton className="icon-button" aria-label={words.clear}>
          <X size={14} aria-hidden />
        </AriaButton>
      )}
    </SearchField>
  )
}

/** Scopes as tabs of a list: arrow keys go along them. */
function Scopes({ scope, listed }: { readonly scope: Scope; readonly listed: Listed }) {
  const { texts, rights } = useKnowledge()
  const words = texts.articles
  const shown = scopes.filter((one) => one !== 'to_review' || rights.is_reviewer)
  return (
    <ListBox
      className="kb-scopes"
      aria-label={words.scope}
      orientation="horizontal"
      layout="grid"
      selectionMode="single"
      disallowEmptySelection
      selectionBehavior="replace"
      selectedKeys={[scope]}
      onSelectionChange={(keys) => {
        const [key] = keys === 'all' ? [] : [...keys]
        if (key !== undefined) listQuery.change({ scope: key as Scope })
      }}
      dependencies={[listed.counts, words]}
    >
      {shown.map((one) => {
        const count = listed.counts?.[one]
        return (
          <ListBoxItem
            key={one}
            id={one}
            className="kb-scope"
            textValue={words.scopes[one]}
            aria-label={count ? `${words.scopes[one]} ${count}` : words.scopes[one]}
            data-alert={((one === 'to_review' || one === 'failing') && Boolean(count)) || undefined}
          >
            {words.scopes[one]}
            {Boolean(count) && <small className="figures">{count}</small>}
          </ListBoxItem>
        )
      })}
    </ListBox>
  )
}

function Rows({ query, listed, openId }: ArticleListPaneProps) {
  const { texts, me, rights, locale, categories } = useKnowledge()
  const words = texts.articles
  const drafts = useStore(draftsOf(me.id))
  const minute = Math.floor(useNow() / 60_000) * 60_000
  const rows = useDeferredValue(listed.rows)
  const { dragAndDropHooks } = useDragAndDrop<ArticleRow>({
    isDisabled: !rights.is_editor || query.scope === 'bin',
    getItems: (keys) => [...keys].map((key) => ({ [ARTICLE_DRAG]: String(key), 'text/plain': String(key) })),
  })
  if (rows === null) {
    if (listed.error) return null
    return (
      <div className="kb-reading" aria-label={texts.loading} aria-busy>
        {[80, 55, 70, 90, 60].map((percent) => (
          <i key={percent} className="skeleton" style={{ width: `${percent}%` }} />
        ))}
      </div>
    )
  }
  const open = (key: Key) => String(key) !== openId && showArticle(String(key))
  const empty = query.q
    ? words.nothingFound(query.q)
    : query.scope === 'all' && categories?.length === 0 && rights.is_editor
      ? words.needCategory
      : words.empty[query.scope]
  return (
    <ListBox
      className="kb-rows"
      aria-label={words.title}
      data-late={listed.isReading || undefined}
      selectionMode="single"
      selectedKeys={openId ? [openId] : []}
      onSelectionChange={(keys) => {
        const [key] = keys === 'all' ? [] : [...keys]
        if (key !== undefined) open(key)
      }}
      // Enter would else begin to drag
      onAction={open}
      dragAndDropHooks={dragAndDropHooks}
      renderEmptyState={() => <p className="kb-hint kb-rows-empty">{empty}</p>}
    >
      <Collection items={rows} dependencies={[drafts, minute, locale]}>
        {(row) => (
          <ListBoxItem id={row.id} className="kb-row" textValue={row.title}>
            <Row row={row} isUnsaved={drafts.has(row.id)} now_ms={minute} />
          </ListBoxItem>
        )}
      </Collection>
      <ListBoxLoadMoreItem
        className="kb-rows-more"
        onLoadMore={listed.more}
        isLoading={listed.isReading && rows.length < listed.total}
      >
        {words.more}
      </ListBoxLoadMoreItem>
    </ListBox>
  )
}

interface RowProps {
  readonly row: ArticleRow
  readonly isUnsaved: boolean
  readonly now_ms: number
}

function Row({ row, isUnsaved, now_ms }: RowProps) {
  const { texts, locale } = useKnowledge()
  const words = texts.articles
  const category = row.category.at(-1)
  const isLiveOlder = row.visible_version !== null && row.visible_version !== row.newest_version
  return (
    <>
      <span className="kb-row-title">
        <b className="clip">{row.title}</b>
        {isUnsaved && (
          <i className="kb-unsaved" title={words.unsaved}>
            <span className="visually-hidden">{words.unsaved}</span>
          </i>
        )}
        <StageMark stage={row.stage} />
      </span>
      <span className="kb-row-about">
        <span className="clip">
          {category && nameIn(locale, category)}
          {row.lang === 'en' && ` · ${texts.langs.en}`}
          {isLiveOlder && ` · ${words.live(row.visible_version)}`}
          {row.has_error && (
            <em>
              <TriangleAlert size={12} aria-hidden /> {words.error}
            </em>
          )}
        </span>
        <span className="kb-row-when">
          {personName(row.changed_by, texts)} ·{' '}
          {relativeTime(row.changed_ms, locale, Math.max(now_ms, row.changed_ms))}
        </span>
      </span>
    </>
  )
}
