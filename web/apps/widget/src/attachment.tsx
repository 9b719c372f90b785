import type { AttachmentView } from '@wecc/protocol'
import { fileSize } from '@wecc/ui'
import { useEffect, useRef, useState } from 'preact/hooks'

import { Icon } from './icons'
import { usePanel } from './panel-context'

const MAX_WIDTH = 240
const MAX_HEIGHT = 280

/** Keeps the place of the picture before it is there, so nothing jumps. */
function frameOf({ width_px, height_px }: AttachmentView) {
  const width = width_px ?? MAX_WIDTH
  const height = height_px ?? 180
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height)
  return { width: `${Math.max(72, Math.round(width * scale))}px`, aspectRatio: `${width} / ${height}` }
}

export function Picture({
  attachment,
  onOpen,
}: {
  attachment: AttachmentView
  onOpen: (url: string) => void
}) {
  const { session, t } = usePanel()
  const box = useRef<HTMLButtonElement>(null)
  const [url, setUrl] = useState<string | null>(null)
  const [isFailed, setFailed] = useState(false)

  const load = () => {
    setFailed(false)
    session.files.url(attachment.id).then(setUrl, () => setFailed(true))
  }
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        observer.disconnect()
        load()
      },
      { rootMargin: '200px' },
    )
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [attachment.id])

  return (
    <button
      ref={box}
      type="button"
      class="picture"
      style={frameOf(attachment)}
      aria-label={isFailed ? t('image_failed') : t('image_open', { name: attachment.name })}
      onClick={() => (url ? onOpen(url) : isFailed && load())}
    >
      {url && <img src={url} alt={attachment.name} />}
      {isFailed && (
        <span class="picture-failed">
          <Icon shape="alert" />
          {t('image_failed')}
        </span>
      )}
    </button>
  )
}

export function FileCard({ attachment }: { attachment: AttachmentView }) {
  const { session, t, locale } = usePanel()
  const [isBusy, setBusy] = useState(false)
  const download = () => {
    setBusy(true)
    void session.files
      .download(attachment)
      .catch(() => {})
      .finally(() => setBusy(false))
  }
  return (
    <button
      type="button"
      class="file-card"
      aria-label={t('file_download', { name: attachment.name })}
      aria-busy={isBusy}
      onClick={download}
    >
      <Icon shape="file" />
      <span class="file-name">{attachment.name}</span>
      <span class="file-size">{fileSize(attachment.size_bytes, locale)}</span>
      <Icon shape="download" />
    </button>
  )
}

export function Lightbox({ url, name, onClose }: { url: string; name: string; onClose: () => void }) {
  const { t } = usePanel()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={name}
      onClose={onClose}
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
      onClick={(event) => event.target === event.currentTarget && dialog.current?.close()}
    >
      <img src={url} alt={name} />
      <button
        type="button"
        class="round on-dark"
        aria-label={t('image_close')}
        onClick={() => dialog.current?.close()}
      >
        <Icon shape="close" />
      </button>
    </dialog>
  )
}
