import type { FlowSummary } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { showFlow } from './address'
import { useFlows } from './context'
import { type FlowEditor, hasChanges, isBehind } from './editor'
import { personName } from './words'

const told = new Set(['flow.conflict', 'flow.invalid'])

export interface SaveBarProps {
  readonly editor: FlowEditor
  /** The flow was deleted; saving brings it back. */
  readonly gone: FlowSummary | undefined
  /** One is looking at what others saved. */
  readonly isComparing: boolean
  readonly onSave: () => void
}

/** What is in force and what is not saved, and the way from one to the other. */
export function SaveBar({ editor, gone, isComparing, onSave }: SaveBarProps) {
  const { texts, locale, say } = useFlows()
  const all = useTexts()
  const words = texts.save
  const editing = useStore(editor)
  const { view, draft, isSaving, saveError } = editing
  const [isAsking, setIsAsking] = useState(false)
  const version = view?.summary.version ?? 0
  if (!draft || !hasChanges(editing))
    return (
      <footer className="flows-save">
        <span className="flows-hint">{view ? words.current(version) : words.notYet}</span>
      </footer>
    )
  const discard = () => {
    editor.discard()
    setIsAsking(false)
    if (!view) showFlow(null)
  }
  return (
    <footer className="flows-save" data-changed>
      {isBehind(editing) && view && !isComparing && (
        <p className="flows-behind" role="status">
          {words.behind(
            personName(view.summary.saved_by, texts),
            relativeTime(view.summary.saved_ms, locale),
            version,
          )}
          <Button onPress={() => showFlow(editor.code, 'changes')}>{words.compare}</Button>
        </p>
      )}
      {gone && (
        <p className="flows-behind" role="status">
          {words.gone(personName(gone.saved_by, texts), relativeTime(gone.saved_ms, locale))}
        </p>
      )}
      {saveError && !told.has(saveError.code) && (
        <p className="problem" role="alert">
          {words.failed} {errorText(saveError, all)}
        </p>
      )}
      <input
        className="input"
        aria-label={words.comment}
        placeholder={words.comment}
        maxLength={200}
        value={draft.comment}
        onChange={(event) => editor.comment(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) onSave()
        }}
      />
      <Button look="quiet" onPress={() => setIsAsking(true)}>
        {words.discard}
      </Button>
      {!(isComparing && isBehind(editing)) && (
        <Button look="primary" isPending={isSaving} onPress={onSave}>
          {words.save} <kbd>Ctrl+S</kbd>
        </Button>
      )}
      {isAsking && (
        <Ask
          title={words.discardTitle}
          text={view ? words.discardAsk : words.discardNewAsk}
          confirm={words.discard}
          look="danger"
          onConfirm={() => {
            discard()
            say('')
          }}
          onClose={() => setIsAsking(false)}
        />
      )}
    </footer>
  )
}
