import type { OutboxItem } from '@wecc/realtime'
import { CircleAlert, Clock3, StickyNote } from 'lucide-react'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useWorkplace } from '../desk/context'
import type { Draft, Thread } from '../desk/thread'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { Attachments } from './attachments'
import { Markdown } from './markdown'

/** What was written and is not in the log yet; says how it stands, and never vanishes by itself. */
export function Pending({ item, thread }: { readonly item: OutboxItem<Draft>; readonly thread: Thread }) {
  const texts = useTexts()
  const me = useDesk((desk) => desk.me)
  const line = useStore(useWorkplace().line)
  const { draft, state, error } = item
  const status =
    state === 'failed' ? (
      <footer className="problem">
        <CircleAlert size={13} aria-hidden />
        {texts.thread.notSent}
        {error && <span>{errorText(error, texts)}</span>}
        <Button look="quiet" onPress={() => thread.outbox.retry(item.client_id)}>
          {texts.thread.retry}
        </Button>
        <Button look="quiet" onPress={() => thread.outbox.discard(item.client_id)}>
          {texts.thread.discard}
        </Button>
      </footer>
    ) : (
      <footer>
        <Clock3 size={12} aria-hidden />
        {line.kind === 'online' ? texts.thread.sending : texts.thread.kept}
      </footer>
    )

  if (draft.kind === 'note')
    return (
      <div className="note" data-pending>
        <header>
          <StickyNote size={13} aria-hidden />
          <b>{texts.thread.note}</b>
          <span>{texts.thread.noteHint}</span>
          <strong>{me.name}</strong>
        </header>
        <Markdown text={draft.text} />
        {status}
      </div>
    )
  return (
    <div className="run" data-side="ours" data-pending>
      <div className="message">
        {draft.text && (
          <div className="bubble">
            <Markdown text={draft.text} />
          </div>
        )}
        <Attachments attachments={draft.attachments} />
      </div>
      {status}
    </div>
  )
}
