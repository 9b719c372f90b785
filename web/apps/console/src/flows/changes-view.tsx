import { relativeTime } from '@wecc/ui'
import { useState } from 'react'

import { Button } from '../controls/button'
import { useStore } from '../use-store'
import { showFlow } from './address'
import { Ask } from './ask'
import { useFlows } from './context'
import { Difference } from './difference'
import { errorsOf, type FlowEditor, type FlowEditing, hasChanges, isBehind } from './editor'
import { personName } from './words'

/** What saving would change in the version in force. */
export function ChangesView({ editor }: { readonly editor: FlowEditor }) {
  const { texts } = useFlows()
  const words = texts.changes
  const editing = useStore(editor)
  const { view, source } = editing
  if (view && hasChanges(editing) && isBehind(editing)) return <Conflict editor={editor} editing={editing} />
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

/** Somebody saved meanwhile: what one's own text would change in his, and what is to become of both. */
function Conflict({ editor, editing }: { readonly editor: FlowEditor; readonly editing: FlowEditing }) {
  const { texts, locale, say, again } = useFlows()
  const words = texts.conflict
  const [isAsking, setIsAsking] = useState(false)
  const { view, source, check, isSaving } = editing
  if (!view) return null
  const { version, saved_ms, saved_by, comment } = view.summary
  const errors = errorsOf(check.problems).length
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
        {words.what(personName(saved_by, texts), relativeTime(saved_ms, locale), version)}
      </p>
      {comment && <blockquote className="flows-comment">{comment}</blockquote>}
      <p>{words.intro(version)}</p>
      <Difference label={words.intro(version)} from={view.source} to={source} />
      <footer className="flows-actions">
        <Button look="primary" isPending={isSaving} isDisabled={errors > 0} onPress={() => void keepMine()}>
          {words.keepMine(version + 1)}
        </Button>
        <Button onPress={() => setIsAsking(true)}>{words.takeTheirs(version)}</Button>
        <Button look="quiet" onPress={() => showFlow(editor.code)}>
          {words.edit}
        </Button>
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
