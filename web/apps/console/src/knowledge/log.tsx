import type { LogLine, LogPageView } from '@wecc/protocol'
import { http, WeccError } from '@wecc/realtime'
import { Download, ShieldCheck, TriangleAlert } from 'lucide-react'
import { type FormEvent, useCallback, useEffect, useMemo, useState } from 'react'

import { Button } from '../controls/button'
import { showPart } from './address'
import { nameIn, useKnowledge } from './context'
import { Field, Problem } from './controls'
import { type LogWords, notedOf } from './log-words'
import { atOf, moment } from './moment'
import { at } from './use-act'

const PAGE = 50

interface Find {
  readonly actor: string
  readonly act: string
  readonly subject: string
  readonly from: string
  readonly to: string
}

const queryOf = ({ actor, act, subject, from, to }: Find) => ({
  actor,
  act,
  subject,
  from_ms: atOf(from),
  before_ms: atOf(to),
})

/** Who did what, and what was before and after. Looking is noted too, so it is read only when asked. */
export function LogSection({ item }: { readonly item: string | null }) {
  const { texts } = useKnowledge()
  const words = texts.log
  const [find, setFind] = useState<Find>({ actor: '', act: '', subject: item ?? '', from: '', to: '' })
  const { lines, page, isReading, error, read } = useLog(find)

  useEffect(() => {
    if (item !== null) setFind((was) => ({ ...was, subject: item }))
  }, [item])
  const only = (subject: string) => {
    if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(subject)) showPart('log', subject)
    setFind((was) => ({ ...was, subject }))
  }
  return (
    <>
      <header className="kb-head">
        <h2>{words.title}</h2>
        {page && <Intact isIntact={page.is_intact} />}
        <a className="button button-plain" href={at('log.csv', queryOf(find))} download>
          <Download size={14} aria-hidden />
          {words.csv}
        </a>
      </header>
      <p className="kb-intro">{words.intro}</p>
      <Filter find={find} onFind={setFind} onRefresh={() => void read(false)} />
      <Problem error={error} />
      {lines && lines.length === 0 && <p className="kb-hint">{words.empty}</p>}
      <ol className="kb-log" aria-busy={isReading}>
        {lines?.map((line) => (
          <Line key={line.id} line={line} onOnly={() => only(line.subject)} />
        ))}
      </ol>
      {page?.has_more && (
        <Button isPending={isReading} onPress={() => void read(true)}>
          {words.more}
        </Button>
      )}
    </>
  )
}

/** The lines of a filter, page after page. `read(true)`: the next; `read(false)`: from the newest again. */
function useLog(find: Find) {
  const [read, setRead] = useState<{ lines: readonly LogLine[]; page: LogPageView } | null>(null)
  const [isReading, setIsReading] = useState(false)
  const [error, setError] = useState<WeccError | null>(null)
  const load = useCallback(
    async (before: readonly LogLine[], signal?: AbortSignal) => {
      setIsReading(true)
      setError(null)
      try {
        const last = before.at(-1)
        const path = at('log', { ...queryOf(find), before_id: last?.id ?? null, limit: PAGE })
        const page = await http<LogPageView>(path, signal ? { signal } : {})
        const lines = [...before, ...page.lines]
        // one broken page breaks the chain of all that is shown
        setRead((was) => ({
          lines,
          page: {
            ...page,
            is_intact: page.is_intact && (before.length === 0 || (was?.page.is_intact ?? true)),
          },
        }))
      } catch (thrown) {
        if (signal?.aborted) return
        setError(WeccError.from(thrown))
      }
      setIsReading(false)
    },
    [find],
  )
  useEffect(() => {
    const reading = new AbortController()
    void load([], reading.signal)
    return () => reading.abort()
  }, [load])
  return {
    lines: read?.lines ?? null,
    page: read?.page ?? null,
    isReading,
    error,
    read: (isMore: boolean) => load(isMore ? (read?.lines ?? []) : []),
  }
}

function Intact({ isIntact }: { readonly isIntact: boolean }) {
  const words = useKnowledge().texts.log
  return isIntact ? (
    <span className="kb-ok" title={words.intactHint}>
      <ShieldCheck size={14} aria-hidden /> {words.intact}
    </span>
  ) : (
    <span className="kb-wrong" role="alert" title={words.brokenHint}>
      <TriangleAlert size={14} aria-hidden /> {words.broken}
    </span>
  )
}

interface FilterProps {
  readonly find: Find
  readonly onFind: (find: Find) => void
  readonly onRefresh: () => void
}

function Filter({ find, onFind, onRefresh }: FilterProps) {
  const { texts, staff } = useKnowledge()
  const words = texts.log
  const [subject, setSubject] = useState(find.subject)
  useEffect(() => setSubject(find.subject), [find.subject])
  const set = (part: Partial<Find>) => onFind({ ...find, ...part })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (subject.trim() === find.subject) onRefresh()
    else set({ subject: subject.trim() })
  }
  const time = (key: 'from' | 'to') => (
    <Field label={words[key]}>
      {(attributes) => (
        <input
          {...attributes}
          className="input figures"
          type="datetime-local"
          value={find[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        />
      )}
    </Field>
  )
  return (
    <form className="kb-filter" onSubmit={submit}>
      <Field label={words.who}>
        {(attributes) => (
          <select
            {...attributes}
            className="input"
            value={find.actor}
            onChange={(event) => set({ actor: event.target.value })}
          >
            <option value="">{words.anyone}</option>
            {staff.map(({ agent }) => (
              <option key={agent.id} value={agent.id}>
                {agent.name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.act}>
        {(attributes) => (
          <select
            {...attributes}
            className="input"
            value={find.act}
            onChange={(event) => set({ act: event.target.value })}
          >
            <option value="">{words.anything}</option>
            <optgroup label={words.kinds}>
              {Object.entries(words.areas).map(([act, name]) => (
                <option key={act} value={act}>
                  {name}
                </option>
              ))}
            </optgroup>
            <optgroup label={words.single}>
              {Object.entries(words.acts).map(([act, name]) => (
                <option key={act} value={act}>
                  {name}
                </option>
              ))}
            </optgroup>
          </select>
        )}
      </Field>
      <Field label={words.subject}>
        {(attributes) => (
          <input
            {...attributes}
            className="input"
            maxLength={130}
            placeholder={words.subjectHint}
            value={subject}
            onChange={(event) => setSubject(event.target.value)}
          />
        )}
      </Field>
      {time('from')}
      {time('to')}
      <Button type="submit">{subject.trim() === find.subject ? words.refresh : words.find}</Button>
    </form>
  )
}

function Line({ line, onOnly }: { readonly line: LogLine; readonly onOnly: () => void }) {
  const { texts, locale, staff, targets, categories } = useKnowledge()
  const words = texts.log
  const logWords = useMemo((): LogWords => {
    const names = new Map<string, string>([
      ...staff.map(({ agent }) => [agent.id, agent.name] as const),
      ...(categories ?? []).map((one) => [one.id, nameIn(locale, one)] as const),
      ...targets.flatMap((one) => [
        [one.id, nameIn(locale, one)] as const,
        [one.code, nameIn(locale, one)] as const,
      ]),
    ])
    return { texts, moment: (at_ms) => moment(at_ms, locale), nameOf: (id) => names.get(id) }
  }, [texts, locale, staff, targets, categories])
  const noted = useMemo(() => notedOf(line.data, logWords), [line.data, logWords])
  const isArticle = /^kb\.(article|review|opinion)_/.test(line.act) && line.act !== 'kb.article_purged'
  const title = logWords.nameOf(line.subject_title) ?? (line.subject_title || line.subject)
  return (
    <li>
      <time className="figures" dateTime={new Date(line.at_ms).toISOString()}>
        {moment(line.at_ms, locale)}
      </time>
      <b className="clip">{line.actor_kind === 'system' ? words.system : line.actor.name}</b>
      <span>{words.acts[line.act] ?? line.act}</span>
      <span className="kb-log-subject">
        {isArticle ? <a href={`#/knowledge/articles/${line.subject}`}>{title}</a> : title}
        {line.subject && (
          <Button look="quiet" onPress={onOnly}>
            {words.only}
          </Button>
        )}
      </span>
      {noted.length > 0 && (
        <dl>
          {noted.map(({ name, before, after }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {before !== null && (
                  <>
                    <del>{before}</del>
                    {' → '}
                  </>
                )}
                {before === null ? after : <ins>{after}</ins>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}
