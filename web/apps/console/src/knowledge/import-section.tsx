import type { ImportOutcome } from '@wecc/protocol'
import { fileSize } from '@wecc/ui'
import { FileUp } from 'lucide-react'
import { useRef, useState } from 'react'

import { Button } from '../controls/button'
import { useStore } from '../use-store'
import { useKnowledge } from './context'
import { Checks, Problem } from './controls'
import { type ReadLines, readLines } from './import'
import { Importer, type ImportRun, sendImport } from './importer'
import { listQuery } from './list-query'
import { nearFocus } from './near-focus'

const MAX_BYTES = 200 * 1024 * 1024
const SHOWN = 100

interface Chosen extends ReadLines {
  readonly name: string
  readonly size_bytes: number
}

/** Runs on while one looks elsewhere in the window. */
const importer = new Importer()

/** The center's own base comes in by its ids, behind the same gate. Source: 3.2.2-04. */
export function ImportSection() {
  const { texts, staff, me } = useKnowledge()
  const words = texts.import
  const run = useStore(importer)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [reviewers, setReviewers] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<string | null>(null)
  const picker = useRef<HTMLInputElement>(null)

  const take = async (file: File | undefined) => {
    if (!file) return
    importer.clear()
    setChosen(null)
    setProblem(null)
    if (file.size > MAX_BYTES) return setProblem(words.tooLarge)
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
      setChosen({ ...readLines(text), name: file.name, size_bytes: file.size })
    } catch {
      setProblem(words.unreadable)
    }
  }
  const start = (isTrial: boolean) => {
    const back = nearFocus()
    void importer.run(chosen?.articles ?? [], isTrial, sendImport([...reviewers])).then(() => setTimeout(back))
  }

  const hasTried = run !== null && run.isTrial && !run.isRunning && !run.isStopped && !run.error
  const options = staff
    .filter((one) => (one.is_reviewer || one.role === 'administrator') && one.agent.id !== me.id)
    .map(({ agent }) => ({ id: agent.id, name: agent.name }))
  return (
    <>
      <h2>{words.title}</h2>
      <p className="kb-intro">{words.intro}</p>
      <p className="kb-hint">{words.form}</p>
      <div
        className="kb-drop"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          if (!run?.isRunning) void take(event.dataTransfer.files[0])
        }}
      >
        <Button isDisabled={run?.isRunning ?? false} onPress={() => picker.current?.click()}>
          <FileUp size={14} aria-hidden />
          {chosen ? words.another : words.choose}
        </Button>
        <input
          ref={picker}
          type="file"
          accept=".jsonl,.ndjson,.json,.txt"
          hidden
          onChange={(event) => {
            void take(event.target.files?.[0])
            event.target.value = ''
          }}
        />
        {chosen ? <ChosenFile chosen={chosen} /> : <span className="kb-hint">{words.drop}</span>}
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {chosen && chosen.bad.length > 0 && <BadLines bad={chosen.bad} />}
      {chosen && chosen.articles.length === 0 && <p className="kb-wrong">{words.nothing}</p>}
      {chosen && chosen.articles.length > 0 && (
        <>
          <Checks
            legend={words.reviewers}
            options={options}
            chosen={reviewers}
            onChoose={setReviewers}
            empty={texts.review.noReviewers}
          />
          <footer className="kb-actions">
            <Button
              look={hasTried ? 'plain' : 'primary'}
              isDisabled={run?.isRunning ?? false}
              onPress={() => start(true)}
            >
              {words.trial}
            </Button>
            <Button look={hasTried ? 'primary' : 'plain'} isDisabled={!hasTried} onPress={() => start(false)}>
              {words.run}
            </Button>
          </footer>
        </>
      )}
      {run && <Result run={run} />}
    </>
  )
}

function ChosenFile({ chosen }: { readonly chosen: Chosen }) {
  const { texts, locale } = useKnowledge()
  const words = texts.import
  return (
    <span role="status">
      <b>{words.file(chosen.name, fileSize(chosen.size_bytes, locale))}</b>{' '}
      {words.read(chosen.articles.length)}
    </span>
  )
}

function BadLines({ bad }: { readonly bad: Chosen['bad'] }) {
  const words = useKnowledge().texts.import
  return (
    <details className="kb-details" open={bad.length <= 10}>
      <summary className="kb-wrong">{words.bad(bad.length)}</summary>
      <ul>
        {bad.slice(0, SHOWN).map(({ line, about }) => (
          <li key={line}>
            <span className="figures">{words.line(line)}</span> {words.badLines[about]}
          </li>
        ))}
      </ul>
      {bad.length > SHOWN && <p className="kb-hint">{words.moreOutcomes(bad.length - SHOWN)}</p>}
    </details>
  )
}

function Result({ run }: { readonly run: ImportRun }) {
  const { texts } = useKnowledge()
  const words = texts.import
  const { totals, all, isTrial, isRunning, isStopped, error } = run
  const title = isRunning
    ? (isTrial ? words.trying : words.running)(totals.done, all)
    : isStopped
      ? words.stopped(totals.done, all)
      : error
        ? words.failed(totals.done)
        : isTrial
          ? words.doneTrial
          : words.done
  const counts = [
    [words.outcomes.added, totals.added],
    [words.outcomes.changed, totals.changed],
    [words.outcomes.unchanged, totals.unchanged],
    [words.outcomes.conflict, totals.conflicts.length],
    [words.outcomes.refused, totals.refused.length],
  ] as const
  return (
    <section className="kb-result" aria-label={isTrial ? words.doneTrial : words.done}>
      <h3 role="status">{title}</h3>
      {isRunning && (
        <div className="kb-actions">
          <progress max={all} value={totals.done} aria-label={title} />
          <Button onPress={() => importer.stop()}>{words.stop}</Button>
        </div>
      )}
      <Problem error={error} />
      <dl className="kb-counts">
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figures">{count}</dd>
          </div>
        ))}
      </dl>
      {!isTrial && !isRunning && totals.added + totals.changed > 0 && (
        <a
          href="#/knowledge/articles"
          onClick={() => listQuery.change({ scope: 'mine', category: null, q: '' })}
        >
          {words.look}
        </a>
      )}
      <Outcomes title={words.conflicts} outcomes={totals.conflicts} />
      <Outcomes title={words.refused} outcomes={totals.refused} />
    </section>
  )
}

function Outcomes({
  title,
  outcomes,
}: {
  readonly title: string
  readonly outcomes: readonly ImportOutcome[]
}) {
  const { texts } = useKnowledge()
  const words = texts.import
  if (outcomes.length === 0) return null
  return (
    <section>
      <h4>{title}</h4>
      <ul className="kb-outcomes">
        {outcomes.slice(0, SHOWN).map((one) => (
          <li key={one.external_id}>
            <b>{one.external_id}</b>
            <span>{words.abouts[one.about] ?? one.about}</span>
            {one.article_id && <a href={`#/knowledge/articles/${one.article_id}`}>{words.open}</a>}
          </li>
        ))}
      </ul>
      {outcomes.length > SHOWN && <p className="kb-hint">{words.moreOutcomes(outcomes.length - SHOWN)}</p>}
    </section>
  )
}
