import './assist.css'

import type { KbArticle, LogEvent, SearchResult } from '@wecc/protocol'
import { http } from '@wecc/realtime'
import { ArrowLeft, FolderTree, X } from 'lucide-react'
import { type FocusEvent, useEffect, useMemo, useRef, useState } from 'react'

import { Button, IconButton } from '../controls/button'
import { useWorkplace } from '../desk/context'
import { keysOf, useCommand } from '../desk/shortcuts'
import type { Thread } from '../desk/thread'
import { ArticleBody } from '../knowledge/article-body'
import { useStore } from '../use-store'
import { Browse } from './browse'
import { HandedOver } from './handed-over'
import { insert } from './insertion'
import { Marked } from './marked'
import { browse, closeArticle, openArticle, reader } from './reader'
import { asReply } from './reply'
import { type Found, newestWords, useFound } from './suggestions'
import { useAssistTexts } from './texts'

const LIMIT = 5
const commands = ['insert1', 'insert2', 'insert3', 'insert4', 'insert5'] as const

/** What self-service did, and what the knowledge base has for the customer's newest words. */
export function AssistSection({ thread }: { readonly thread: Thread }) {
  const texts = useAssistTexts()
  const { events } = useStore(thread.log)
  const { articleId, isBrowsing } = useStore(reader)
  const { center_id } = useWorkplace().session
  const [typed, setTyped] = useState('')
  const handedOver = useMemo(() => lastHandOver(events), [events])
  const words = typed.trim() || newestWords(events)
  const found = useFound(words, LIMIT)
  const [asking, setAsking] = useState<KbArticle | null>(null)

  useEffect(() => {
    setTyped('')
    setAsking(null)
    browse(null)
  }, [thread])

  const put = async (id: string) => {
    const article = await read(id)
    if (!article) return
    if (article.is_restricted) setAsking(article)
    else insertArticle(article, center_id, texts.more)
  }

  return (
    <div className="assist">
      {handedOver && <HandedOver body={handedOver.body} onOpen={openArticle} isBrief />}
      {asking && (
        <Confirm
          title={asking.title}
          onEnd={(isWanted) => {
            setAsking(null)
            if (isWanted) insertArticle(asking, center_id, texts.more)
          }}
        />
      )}
      <form className="assist-search" role="search" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          value={typed}
          maxLength={200}
          placeholder={texts.search}
          aria-label={texts.search}
          onChange={(event) => {
            setTyped(event.target.value)
            browse(null)
          }}
        />
        {typed ? (
          <IconButton icon={X} label={texts.clear} onPress={() => setTyped('')} />
        ) : (
          <IconButton icon={FolderTree} label={texts.browse} onPress={() => browse('')} />
        )}
      </form>
      {articleId !== null ? (
        <Article id={articleId} onInsert={put} />
      ) : isBrowsing ? (
        <Browse onOpen={openArticle} />
      ) : (
        <Results words={words} found={found} isTyped={typed.trim() !== ''} onAgain={found.again} onInsert={put} />
      )}
    </div>
  )
}

interface ConfirmProps {
  readonly title: string
  readonly onEnd: (isWanted: boolean) => void
}

/** Asks before something not meant for everybody is put into a reply; then the focus is back where it was. */
function Confirm({ title, onEnd }: ConfirmProps) {
  const texts = useAssistTexts()
  const [before] = useState(() => document.activeElement)
  const cancel = () => {
    onEnd(false)
    if (before instanceof HTMLElement) before.focus()
  }
  return (
    <div
      className="assist-confirm"
      role="alertdialog"
      aria-label={title}
      onKeyDown={(event) => event.key === 'Escape' && cancel()}
    >
      <p>{texts.confirm(title)}</p>
      <div className="assist-row">
        <Button autoFocus onPress={() => onEnd(true)}>
          {texts.confirmYes}
        </Button>
        <Button look="quiet" onPress={cancel}>
          {texts.confirmNo}
        </Button>
      </div>
    </div>
  )
}

interface ResultsProps {
  readonly words: string
  readonly found: Found
  readonly isTyped: boolean
  readonly onAgain: () => void
  readonly onInsert: (articleId: string) => void
}

/** What was found; while the pointer or the focus is in it, newer suggestions wait. */
function Results({ words, found, isTyped, onAgain, onInsert }: ResultsProps) {
  const texts = useAssistTexts()
  const [shown, setShown] = useState(found)
  const [isHeld, setHeld] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const isFresh = shown !== found && shown.words !== found.words
  useEffect(() => {
    if (!isHeld || isTyped || shown.results === null) setShown(found)
  }, [found, isHeld, isTyped, shown.results])

  const results = shown.results?.results ?? []
  useInsertKeys(results, onInsert)
  const left = (event: FocusEvent) => {
    if (!box.current?.contains(event.relatedTarget)) setHeld(false)
  }
  return (
    <div
      ref={box}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={left}
    >
      <p className="assist-for clip" title={shown.words}>
        {shown.words
          ? (isTyped ? texts.resultsFor : texts.suggestionsFor)(short(shown.words))
          : !words && texts.idle}
      </p>
      {isFresh && (
        <Button look="quiet" onPress={() => setShown(found)}>
          {texts.fresh}
        </Button>
      )}
      {shown.error && (
        <p className="problem">
          {texts.failed}{' '}
          <Button look="quiet" onPress={onAgain}>
            {texts.retry}
          </Button>
        </p>
      )}
      {shown.results && results.length === 0 && <p className="side-empty">{texts.none}</p>}
      <ol className="assist-list">
        {results.map((result, at) => (
          <li key={result.id}>
            <div className="assist-row">
              <button
                type="button"
                className="link"
                onClick={() => openArticle(result.id)}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || !event.altKey) return
                  event.preventDefault()
                  onInsert(result.id)
                }}
              >
                <Marked text={result.title} marks={result.title_marks} />
              </button>
              <Button look="quiet" onPress={() => onInsert(result.id)}>
                {texts.insert} <kbd>{keysOf(commands[at]!)}</kbd>
              </Button>
            </div>
            {result.is_restricted && <span className="assist-restricted">{texts.restricted}</span>}
            {result.snippet && (
              <p>
                <Marked text={result.snippet} marks={result.marks} />
              </p>
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}

function useInsertKeys(results: readonly SearchResult[], onInsert: (id: string) => void): void {
  const at = (place: number) => {
    const result = results[place]
    return result ? () => onInsert(result.id) : null
  }
  useCommand('insert1', at(0))
  useCommand('insert2', at(1))
  useCommand('insert3', at(2))
  useCommand('insert4', at(3))
  useCommand('insert5', at(4))
}

function Article({ id, onInsert }: { readonly id: string; readonly onInsert: (id: string) => void }) {
  const texts = useAssistTexts()
  const [article, setArticle] = useState<KbArticle | null | undefined>(undefined)
  useEffect(() => {
    let isShown = true
    setArticle(undefined)
    void read(id).then((value) => isShown && setArticle(value))
    return () => {
      isShown = false
    }
  }, [id])
  useCommand('insert1', article ? () => onInsert(id) : null)
  return (
    <article className="assist-article" aria-busy={article === undefined}>
      <div className="assist-row">
        <IconButton icon={ArrowLeft} label={texts.back} onPress={closeArticle} />
        {article?.is_restricted && <span className="assist-restricted">{texts.restricted}</span>}
        {article && (
          <Button look="quiet" onPress={() => onInsert(id)}>
            {texts.insert} <kbd>{keysOf('insert1')}</kbd>
          </Button>
        )}
      </div>
      {article === null && <p className="side-empty">{texts.gone}</p>}
      {article && (
        <>
          <h3>{article.title}</h3>
          <ArticleBody
            body={article.body}
            pictureUrl={(file) =>
              article.files.some((one) => one.id === file) ? `/api/v1/kb/files/${file}` : null
            }
            missing={texts.missing}
          />
        </>
      )}
    </article>
  )
}

async function read(id: string): Promise<KbArticle | null> {
  try {
    return await http<KbArticle>(`/api/v1/kb/articles/${encodeURIComponent(id)}`)
  } catch {
    return null
  }
}

/** Restricted articles have no page that everybody can open. */
function insertArticle(article: KbArticle, centerId: string, words: string): void {
  const url = `${location.origin}/help/${centerId}/articles/${article.id}`
  insert(asReply(article.body, article.is_restricted ? null : { url, words }))
}

function lastHandOver(events: readonly LogEvent[]): (LogEvent & { kind: 'handed_over' }) | null {
  for (const event of [...events].reverse()) if (event.kind === 'handed_over') return event
  return null
}

const short = (words: string): string => {
  const line = words.replaceAll('\n', ' ')
  return line.length > 24 ? `${line.slice(0, 24)}…` : line
}
