import type { FlowView } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useMemo, useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { useReading } from '../reading'
import { useStore } from '../use-store'
import { showFlow } from './address'
import { type Change, changesOf, takenBack } from './changes'
import { useFlows } from './context'
import { Difference, DifferentRows, useDifference } from './difference'
import { at, errorsOf, type FlowEditor, type FlowEditing, hasChanges, isBehind } from './editor'
import { personName } from './words'

/** What saving would change in the version in force. */
export function ChangesView({ editor }: { readonly editor: FlowEditor }) {
  const { texts } = useFlows()
  const words = texts.changes
  const editing = useStore(editor)
  const { view, source } = editing
  if (view && hasChanges(editing) && isBehind(editing))
    return <Conflict editor={editor} editing={editing} view={view} />
  return (
    <section className="flows-scroll">
      <h3>{words.title}</h3>
      <p className="flows-intro">{words.intro}</p>
      {!view && <p>{words.newFlow}</p>}
      {view && !hasChanges(editing) && <p className="flows-hint">{words.none}</p>}
      {view && hasChanges(editing) && <Difference label={words.title} from={view.source} to={source} />}
    </section>
  )
}

interface ConflictProps {
  readonly editor: FlowEditor
  readonly editing: FlowEditing
  /** What he saved. */
  readonly view: FlowView
}

/** Somebody saved meanwhile: where one's own text differs from his, and what is to become of both. */
function Conflict({ editor, editing, view }: ConflictProps) {
  const { texts, locale, say, again } = useFlows()
  const words = texts.conflict
  const [isAsking, setIsAsking] = useState(false)
  const { draft, source, check, isSaving } = editing
  const base = useReading<FlowView>(
    draft?.baseVersion ? at(`${editor.code}/versions/${draft.baseVersion}`) : null,
    { isQuiet: true },
  )
  const rows = useDifference(view.source, source)
  const changes = useMemo(() => changesOf(rows, base.value?.source ?? null), [rows, base.value])
  const ofThem = changes.filter(({ by }) => by === 'them')
  const { version, saved_ms, saved_by, comment } = view.summary
  const name = personName(saved_by, texts)
  const errors = errorsOf(check.problems).length
  const take = (taken: readonly Change[]) => {
    editor.edit(takenBack(rows, taken))
    say(words.tookHere(version))
  }
  const keepMine = async () => {
    const saved = await editor.save(version)
    if (typeof saved === 'string') return
    again()
    say(texts.save.saved(saved.version))
    showFlow(editor.code)
  }
  return (
    <section className="flows-scroll">
      <h3>{words.title}</h3>
      <p className="flows-intro" role="alert">
        {words.what(name, relativeTime(saved_ms, locale), version)}
      </p>
      {comment && <blockquote className="flows-comment">{comment}</blockquote>}
      <p>{words.intro(version)}</p>
      <DifferentRows
        label={words.title}
        rows={rows}
        above={(row) => {
          const change = changes.find((one) => one.rows[0] === row)
          return (
            change && (
              <li data-kind="take">
                <span>{change.by && words.by[change.by](name)}</span>
                <Button look="quiet" onPress={() => take([change])}>
                  {words.takeHere(version)}
                </Button>
              </li>
            )
          )
        }}
      />
      <footer className="flows-actions">
        <Button look="primary" isPending={isSaving} isDisabled={errors > 0} onPress={() => void keepMine()}>
          {words.keepMine(version + 1)}
        </Button>
        {ofThem.length > 0 && <Button onPress={() => take(ofThem)}>{words.merge(version)}</Button>}
        <Button
          onPress={() => {
            editor.rebase()
            say(words.goingOn(version))
            showFlow(editor.code)
          }}
        >
          {words.goOn}
        </Button>
        <Button onPress={() => setIsAsking(true)}>{words.takeTheirs(version)}</Button>
        {errors > 0 && <span className="flows-wrong">{texts.problems.errors(errors)}</span>}
      </footer>
      {isAsking && (
        <Ask
          title={words.takeTitle}
          text={words.takeAsk}
          confirm={words.takeTheirs(version)}
          look="danger"
          onConfirm={() => {
            setIsAsking(false)
            editor.discard()
            say(words.taken(version))
            showFlow(editor.code)
          }}
          onClose={() => setIsAsking(false)}
        />
      )}
    </section>
  )
}
