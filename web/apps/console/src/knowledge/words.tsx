import type { VocabularyView } from '@wecc/protocol'
import { Plus, X } from 'lucide-react'
import { useEffect, useState } from 'react'

import { Button, IconButton } from '../controls/button'
import { useReading } from '../reading'
import { useKnowledge } from './context'
import { Field, Problem, Waiting } from './controls'
import { at, send, useAct } from './use-act'
import { changeOf, isIncomplete, merged, readWords, textOf, type Words, type WordsText } from './vocabulary'

const isSame = (one: Words, other: Words): boolean =>
  JSON.stringify([one.synonyms, one.words]) === JSON.stringify([other.synonyms, other.words])

/** Equal words and words that are kept whole, as search knows them. */
export function WordsSection() {
  const { texts } = useKnowledge()
  const reading = useReading<VocabularyView>(at('vocabulary'))
  return (
    <>
      <h2>{texts.words.title}</h2>
      <p className="kb-intro">{texts.words.intro}</p>
      {reading.value ? (
        <WordsForm newest={reading.value} onSaved={reading.put} />
      ) : (
        <Waiting reading={reading} />
      )}
    </>
  )
}

interface WordsFormProps {
  readonly newest: VocabularyView
  readonly onSaved: (saved: VocabularyView) => void
}

function WordsForm({ newest, onSaved }: WordsFormProps) {
  const { texts, rights, say } = useKnowledge()
  const words = texts.words
  const [base, setBase] = useState(newest)
  const [text, setText] = useState<WordsText>(() => textOf(newest))
  const { isBusy, error, act, clear } = useAct()
  const mine = readWords(text)
  const isChanged = !isSame(mine, base)
  const isBehind = newest.version > base.version
  const isFixed = !rights.is_administrator
  const begin = (from: VocabularyView) => {
    clear()
    setBase(from)
    setText(textOf(from))
  }
  // Who has changed nothing simply sees the newest.
  useEffect(() => {
    if (isBehind && !isChanged) begin(newest)
  })

  const save = () =>
    act(async () => {
      const saved = await send<VocabularyView>('PUT', 'vocabulary', { base_version: base.version, ...mine })
      onSaved(saved)
      setBase(saved)
      setText(textOf(saved))
      say(words.saved(saved.version))
    })
  const merge = () => {
    clear()
    setText(textOf(merged(base, mine, newest)))
    setBase(newest)
    say(words.merged)
  }
  return (
    <>
      {isBehind && isChanged && (
        <Behind base={base} newest={newest} onMerge={merge} onTake={() => begin(newest)} />
      )}
      <Synonyms
        rows={text.rows}
        isFixed={isFixed}
        onChange={(rows) => setText((was) => ({ ...was, rows }))}
      />
      <Field label={words.domain} hint={words.domainHint}>
        {(attributes) => (
          <textarea
            {...attributes}
            className="input kb-lines"
            readOnly={isFixed}
            value={text.words}
            onChange={(event) => setText((was) => ({ ...was, words: event.target.value }))}
          />
        )}
      </Field>
      {error && error.code !== 'vocabulary.conflict' && <Problem error={error} />}
      {isFixed ? (
        <p className="kb-hint">{texts.readOnly}</p>
      ) : (
        <footer className="kb-actions kb-sticky">
          <Button
            look="primary"
            isPending={isBusy}
            isDisabled={!isChanged || isBehind || text.rows.some(isIncomplete)}
            onPress={() => void save()}
          >
            {words.save}
          </Button>
          {isChanged && (
            <>
              <Button look="quiet" onPress={() => begin(newest)}>
                {texts.editor.discard}
              </Button>
              <span>{words.changed}</span>
            </>
          )}
        </footer>
      )}
    </>
  )
}

interface BehindProps {
  readonly base: Words
  readonly newest: VocabularyView
  readonly onMerge: () => void
  readonly onTake: () => void
}

function Behind({ base, newest, onMerge, onTake }: BehindProps) {
  const { texts } = useKnowledge()
  const words = texts.words
  const { added, removed } = changeOf(base, newest)
  return (
    <section className="kb-banner kb-banner-tall" role="alert">
      <p>{words.conflict(newest.version)}</p>
      {added.length > 0 && <p>{words.theyAdded(added.join('；'))}</p>}
      {removed.length > 0 && <p>{words.theyRemoved(removed.join('；'))}</p>}
      <p className="kb-hint">{words.mergeHint}</p>
      <footer className="kb-actions">
        <Button look="primary" onPress={onMerge}>
          {words.merge}
        </Button>
        <Button onPress={onTake}>{words.takeTheirs}</Button>
      </footer>
    </section>
  )
}

interface SynonymsProps {
  readonly rows: readonly string[]
  readonly isFixed: boolean
  readonly onChange: (rows: readonly string[]) => void
}

const SHOWN = 200

function Synonyms({ rows, isFixed, onChange }: SynonymsProps) {
  const { words } = useKnowledge().texts
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const found = rows.flatMap((row, place) => (row.toLowerCase().includes(wanted) ? [{ row, place }] : []))
  const change = (place: number, row: string) =>
    onChange(rows.map((one, other) => (other === place ? row : one)))
  return (
    <section className="kb-synonyms" aria-label={words.synonyms}>
      <header className="kb-head">
        <h3>{words.synonyms}</h3>
        {rows.length > 8 && (
          <input
            className="input kb-narrow"
            type="search"
            aria-label={words.filter}
            placeholder={words.filter}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
        <span className="kb-hint">{words.shown(Math.min(found.length, SHOWN), rows.length)}</span>
        {!isFixed && (
          <Button
            onPress={() => {
              setFilter('')
              onChange(['', ...rows])
            }}
          >
            <Plus size={14} aria-hidden />
            {words.add}
          </Button>
        )}
      </header>
      <p className="kb-hint">{rows.length === 0 ? words.nothing : words.synonymsHint}</p>
      <ul>
        {found.slice(0, SHOWN).map(({ row, place }) => (
          <li key={place}>
            <input
              className="input"
              aria-label={words.row(place + 1)}
              aria-invalid={isIncomplete(row)}
              autoFocus={row === '' && place === 0}
              placeholder={words.placeholder}
              readOnly={isFixed}
              value={row}
              onChange={(event) => change(place, event.target.value)}
            />
            {isIncomplete(row) && <span className="kb-wrong">{words.tooFew}</span>}
            {!isFixed && (
              <IconButton
                icon={X}
                label={words.removeRow(row)}
                onPress={() => onChange(rows.filter((_, other) => other !== place))}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
