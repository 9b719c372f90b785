import './composer.css'

import type { ConversationSummary } from '@wecc/protocol'
import { Paperclip, SendHorizontal, SquareSlash } from 'lucide-react'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { FileTrigger } from 'react-aria-components'
import { flushSync } from 'react-dom'

import { takeInsertions, typeInto } from '../assist/insertion'
import { Button, Hint, IconButton } from '../controls/button'
import { useDesk } from '../desk/context'
import { type ComposerKind, keepDraft, readDraft } from '../desk/drafts'
import { keysOf, useCommand } from '../desk/shortcuts'
import type { Thread } from '../desk/thread'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { cannedFilter, filled, matching } from './canned'
import { CannedMenu } from './canned-menu'
import { replyHindrance } from './may'
import { UploadStrip } from './upload-strip'

const MAX_CHARS = 4000

export interface ComposerProps {
  readonly thread: Thread
  readonly conversation: ConversationSummary
  /** Stands beside the reason why one cannot reply: the way out. */
  readonly remedy?: ReactNode
}

/** Where one writes: a reply to the visitor or a note for colleagues, each with its own kept draft. */
export function Composer({ thread, conversation, remedy }: ComposerProps) {
  const texts = useTexts()
  const me = useDesk((desk) => desk.me)
  const replies = useDesk((desk) => desk.cannedReplies)
  const uploads = useStore(thread.uploads)
  const [kind, setKind] = useState<ComposerKind>(conversation.status === 'closed' ? 'note' : 'reply')
  const [drafts, setDrafts] = useState(() => ({
    reply: readDraft(me.id, thread.id, 'reply'),
    note: readDraft(me.id, thread.id, 'note'),
  }))
  const [cursor, setCursor] = useState(0)
  const [dismissedAt, setDismissedAt] = useState<number | null>(null)
  const [chosen, setChosen] = useState(0)
  const field = useRef<HTMLTextAreaElement>(null)
  const menuId = useId()

  const text = drafts[kind]
  const hindrance = kind === 'reply' ? replyHindrance(conversation, me, texts) : null
  const asked = kind === 'reply' && hindrance === null ? cannedFilter(text, cursor) : null
  const isMenuOpen = asked !== null && asked.start !== dismissedAt
  const found = isMenuOpen ? matching(replies, asked.filter, conversation.locale) : []
  const isUploading = kind === 'reply' && uploads.some((one) => one.state === 'uploading')
  const hasContent = text.trim() !== '' || (kind === 'reply' && uploads.some((one) => one.state === 'done'))
  const over = text.length - MAX_CHARS
  const maySend = hindrance === null && hasContent && !isUploading && over <= 0

  const write = (next: string, at = next.length) => {
    setDrafts((was) => ({ ...was, [kind]: next }))
    setCursor(at)
    setChosen(0)
    keepDraft(me.id, thread.id, kind, next)
  }

  const typed = (next: string, at: number) => {
    write(next, at)
    if (cannedFilter(next, at) === null) setDismissedAt(null)
    if (kind !== 'reply') return
    if (next) thread.typingSignal.typed()
    else thread.typingSignal.stop()
  }

  const send = () => {
    if (!maySend) return
    thread.outbox.add({ kind, text: text.trim(), attachments: kind === 'reply' ? thread.uploads.take() : [] })
    thread.typingSignal.stop()
    write('')
    field.current?.focus()
  }

  const insert = (at: number) => {
    const reply = found[at]
    if (!reply || !asked) return
    const words = filled(reply.text, {
      visitor: conversation.visitor.name || texts.list.anonymous,
      agent: me.name,
    })
    const next = text.slice(0, asked.start) + words + text.slice(cursor)
    const end = asked.start + words.length
    write(next, end)
    requestAnimationFrame(() => field.current?.setSelectionRange(end, end))
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return // an input method has this key
    if (isMenuOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp') && found.length) {
      event.preventDefault()
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length)
    } else if (isMenuOpen && (event.key === 'Enter' || event.key === 'Tab') && found.length) {
      event.preventDefault()
      insert(chosen)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      if (isMenuOpen) setDismissedAt(asked.start)
      else field.current?.blur()
    } else if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !event.ctrlKey) {
      event.preventDefault()
      send()
    }
  }

  const onPaste = (event: ClipboardEvent) => {
    if (kind !== 'reply' || hindrance !== null || event.clipboardData.files.length === 0) return
    event.preventDefault()
    for (const file of event.clipboardData.files) thread.uploads.add(file)
  }

  const startCanned = () => {
    const gap = text && !/\s$/.test(text) ? ' ' : ''
    setDismissedAt(null)
    write(`${text}${gap}/`)
    field.current?.focus()
  }

  const show = (next: ComposerKind) => {
    // at once, so that the very next key is typed into it
    flushSync(() => {
      setKind(next)
      setCursor(drafts[next].length)
    })
    field.current?.focus()
  }
  useEffect(() => {
    if (hindrance !== null) return
    return takeInsertions((words) => {
      if (field.current) typeInto(field.current, words)
    })
  }, [hindrance])
  useCommand('reply', () => show('reply'))
  useCommand('note', () => show('note'))
  useEffect(() => () => thread.typingSignal.stop(), [thread])

  return (
    <section className="composer" data-kind={kind} aria-label={texts.composer[kind]}>
      {isMenuOpen && (
        <CannedMenu
          id={menuId}
          replies={found}
          chosen={Math.min(chosen, Math.max(0, found.length - 1))}
          filter={asked.filter}
          hasAny={replies.length > 0}
          onInsert={insert}
        />
      )}
      <div className="composer-tabs" role="group">
        {(['reply', 'note'] as const).map((one) => (
          <Hint
            key={one}
            text={one === 'note' ? texts.composer.notePlaceholder : texts.composer.reply}
            keys={keysOf(one)}
          >
            <Button look="quiet" aria-pressed={kind === one} onPress={() => show(one)}>
              {texts.composer[one]}
              {drafts[one] && kind !== one && <i className="composer-has-draft" />}
            </Button>
          </Hint>
        ))}
        {kind === 'note' && <span className="composer-only">{texts.thread.noteHint}</span>}
      </div>
      {hindrance !== null ? (
        <div className="composer-hindrance">
          <p>{hindrance}</p>
          {remedy || <Button onPress={() => show('note')}>{texts.composer.note}</Button>}
          {text && <blockquote className="clip">{texts.composer.unsent(text)}</blockquote>}
        </div>
      ) : (
        <>
          <textarea
            ref={field}
            value={text}
            rows={2}
            placeholder={kind === 'reply' ? texts.composer.replyPlaceholder : texts.composer.notePlaceholder}
            aria-label={texts.composer[kind]}
            role={kind === 'reply' ? 'combobox' : undefined}
            aria-expanded={kind === 'reply' ? isMenuOpen : undefined}
            aria-controls={isMenuOpen ? menuId : undefined}
            aria-activedescendant={isMenuOpen && found.length ? `${menuId}-${chosen}` : undefined}
            onChange={(event) => typed(event.target.value, event.target.selectionStart)}
            onSelect={(event) => setCursor(event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => thread.typingSignal.stop()}
          />
          {kind === 'reply' && <UploadStrip uploads={thread.uploads} />}
          <footer>
            {kind === 'reply' && (
              <>
                <FileTrigger
                  allowsMultiple
                  onSelect={(files) => files && [...files].forEach((file) => thread.uploads.add(file))}
                >
                  <IconButton icon={Paperclip} label={texts.composer.attach} />
                </FileTrigger>
                <IconButton icon={SquareSlash} label={texts.composer.canned} keys="/" onPress={startCanned} />
              </>
            )}
            <span className="composer-hint clip" data-problem={over > 0 || undefined}>
              {over > 0
                ? texts.composer.tooLong(over)
                : isUploading
                  ? texts.composer.waitUpload
                  : texts.composer.enterHint}
            </span>
            <Button look="primary" isDisabled={!maySend} onPress={send}>
              <SendHorizontal size={14} aria-hidden />
              {kind === 'reply' ? texts.composer.send : texts.composer.saveNote}
            </Button>
          </footer>
        </>
      )}
    </section>
  )
}
