import type { Upload } from '@wecc/realtime'
import { fileSize } from '@wecc/ui'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

import { Icon } from './icons'
import { usePanel } from './panel-context'
import { useStore } from './use-store'
import { errorText } from './words'

const MAX_CHARS = 4_000

/** Where one writes; always in the same place, and what is in it is never lost. */
export function Composer() {
  const { session, host, t } = usePanel()
  const { conversation } = useStore(session)
  const uploads = useStore(session.uploads)
  const { mayFocus } = useStore(host)
  const [text, setText] = useState(() => session.begun('draft'))
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const hint = useId()

  const over = [...text].length - MAX_CHARS
  const isUploading = uploads.some(({ state }) => state === 'uploading')
  const maySend =
    !isUploading && over <= 0 && (text.trim() !== '' || uploads.some(({ state }) => state === 'done'))

  const change = (value: string) => {
    setText(value)
    session.keep('draft', value)
    if (value) session.signal.typed()
    else session.signal.stop()
  }
  const send = () => {
    if (!maySend) return
    session.write(text)
    change('')
    field.current?.focus()
  }
  const addFiles = (files: Iterable<File>) => {
    for (const file of files) session.uploads.add(file)
    field.current?.focus()
  }

  useLayoutEffect(() => {
    const el = field.current!
    el.style.height = 'auto'
    el.style.height = `${Math.min(el.scrollHeight, 136)}px`
  }, [text])

  // A phone's keyboard comes up when one asks for it, not by itself.
  useEffect(() => {
    if (mayFocus && matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [mayFocus])

  const placeholder = conversation?.away
    ? t('write_away')
    : conversation?.status === 'waiting'
      ? t('write_waiting')
      : conversation && conversation.status !== 'guided'
        ? t('write_active')
        : t('write')

  return (
    <form
      class="composer"
      aria-label={placeholder}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {uploads.length > 0 && (
        <ul class="tray">
          {uploads.map((upload) => (
            <TrayItem key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
      <div class="composer-row">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={({ currentTarget }) => {
            addFiles([...(currentTarget.files ?? [])])
            currentTarget.value = ''
          }}
        />
        <button
          type="button"
          class="round"
          aria-label={t('attach')}
          title={t('attach')}
          onClick={() => picker.current?.click()}
        >
          <Icon shape="attach" />
        </button>
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={placeholder}
          aria-label={placeholder}
          aria-describedby={hint}
          enterkeyhint="send"
          onInput={({ currentTarget }) => change(currentTarget.value)}
          onBlur={() => session.signal.stop()}
          onKeyDown={(event) => {
            // Enter that ends the choice of a Chinese word sends nothing (Safari tells it by 229).
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
            event.preventDefault()
            send()
          }}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])]
            if (files.length === 0) return
            event.preventDefault()
            addFiles(files)
          }}
        />
        <button
          type="submit"
          class="round send"
          aria-label={t('send')}
          title={t('send_hint')}
          disabled={!maySend}
        >
          <Icon shape="send" />
        </button>
      </div>
      <p id={hint} class={over > 0 ? 'over' : 'visually-hidden'} role={over > 0 ? 'alert' : undefined}>
        {over > 0 ? t('too_long', { count: over }) : t('send_hint')}
      </p>
    </form>
  )
}

function TrayItem({ upload }: { upload: Upload }) {
  const { session, t, locale } = usePanel()
  const { face } = useStore(session)
  const { id, file, state, progress, error } = upload
  const percent = Math.round(progress * 100)
  const note =
    state === 'failed'
      ? errorText(t, error?.code ?? '', fileSize(face?.max_attachment_bytes ?? 0, locale))
      : state === 'uploading'
        ? t('file_uploading', { percent })
        : fileSize(file.size, locale)
  return (
    <li class={`tray-item ${state}`}>
      <Icon shape={state === 'failed' ? 'alert' : 'file'} />
      <span class="file-name">{file.name}</span>
      <span class="file-size" role={state === 'failed' ? 'alert' : undefined}>
        {note}
      </span>
      {state === 'failed' && error?.retryable && (
        <button type="button" class="link" onClick={() => session.uploads.retry(id)}>
          {t('retry')}
        </button>
      )}
      <button
        type="button"
        class="round small"
        aria-label={t(state === 'uploading' ? 'file_cancel' : 'file_remove', { name: file.name })}
        onClick={() => session.uploads.remove(id)}
      >
        <Icon shape="close" />
      </button>
      {state === 'uploading' && <progress max={100} value={percent} aria-label={note} />}
    </li>
  )
}
