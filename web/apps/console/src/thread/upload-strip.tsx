import type { Uploads } from '@wecc/realtime'
import { fileSize } from '@wecc/ui'
import { CircleAlert, FileText, RotateCw, X } from 'lucide-react'

import { IconButton } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useLocale, useTexts } from '../texts'
import { useStore } from '../use-store'

/** Files that will go with the next reply. */
export function UploadStrip({ uploads }: { readonly uploads: Uploads }) {
  const texts = useTexts()
  const locale = useLocale()
  const files = useStore(uploads)
  if (files.length === 0) return null
  return (
    <ul className="uploads">
      {files.map(({ id, file, state, progress, error }) => (
        <li key={id} data-state={state}>
          {state === 'failed' ? <CircleAlert size={15} aria-hidden /> : <FileText size={15} aria-hidden />}
          <span className="clip">{file.name}</span>
          <small className="figures">
            {error
              ? errorText(error, texts)
              : state === 'uploading'
                ? texts.composer.uploading(Math.round(progress * 100))
                : fileSize(file.size, locale)}
          </small>
          {state === 'failed' && error?.retryable && (
            <IconButton
              icon={RotateCw}
              label={texts.composer.removeRetry}
              onPress={() => uploads.retry(id)}
            />
          )}
          <IconButton icon={X} label={texts.composer.remove(file.name)} onPress={() => uploads.remove(id)} />
          {state === 'uploading' && <i style={{ transform: `scaleX(${progress})` }} />}
        </li>
      ))}
    </ul>
  )
}
