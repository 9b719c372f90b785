import type { FileView } from '@wecc/protocol'
import { type Upload, type Uploads, WeccError } from '@wecc/realtime'
import { fileSize } from '@wecc/ui'
import { FileText, Image, Paperclip, RotateCw, X } from 'lucide-react'
import { useRef } from 'react'

import { Button, IconButton } from '../controls/button'
import { useStore } from '../use-store'
import { fileAddress, isPicture } from './body-editor'
import { useKnowledge, useProblem } from './context'

export const MAX_FILES = 20

export interface FilesProps {
  readonly files: readonly FileView[]
  readonly body: string
  readonly uploads: Uploads<FileView>
  readonly isReadOnly: boolean
  readonly onAdd: (files: readonly File[]) => void
  readonly onRemove: (id: string) => void
  readonly onInsert: (file: FileView) => void
}

/** What is attached and what is on its way. */
export function Files({ files, body, uploads, isReadOnly, onAdd, onRemove, onInsert }: FilesProps) {
  const { texts, locale } = useKnowledge()
  const words = texts.editor
  const under = useStore(uploads)
  const picker = useRef<HTMLInputElement>(null)
  if (isReadOnly && files.length === 0) return null
  return (
    <section
      className="kb-files"
      aria-label={words.files}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        if (isReadOnly || event.dataTransfer.files.length === 0) return
        event.preventDefault()
        onAdd([...event.dataTransfer.files])
      }}
    >
      <header>
        <h3>{words.files}</h3>
        {!isReadOnly && (
          <Button onPress={() => picker.current?.click()} isDisabled={files.length >= MAX_FILES}>
            <Paperclip size={14} aria-hidden />
            {words.addFiles}
          </Button>
        )}
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            onAdd([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
      </header>
      {!isReadOnly && <p className="kb-hint">{words.filesHint}</p>}
      <ul>
        {files.map((file) => {
          const isUsed = body.includes(`(file:${file.id})`)
          return (
            <li key={file.id}>
              {isPicture(file) ? (
                <Image size={16} strokeWidth={1.5} aria-hidden />
              ) : (
                <FileText size={16} strokeWidth={1.5} aria-hidden />
              )}
              <a className="clip" href={fileAddress(file.id)} target="_blank" rel="noopener">
                {file.name}
              </a>
              <small>{fileSize(file.size_bytes, locale)}</small>
              {isUsed && <small>{words.fileUsed}</small>}
              {!isReadOnly && isPicture(file) && (
                <Button look="quiet" aria-label={words.insertFile(file.name)} onPress={() => onInsert(file)}>
                  {words.insert}
                </Button>
              )}
              {!isReadOnly && (
                <IconButton icon={X} label={words.removeFile(file.name)} onPress={() => onRemove(file.id)} />
              )}
            </li>
          )
        })}
        {under.map((upload) => (
          <Uploading key={upload.id} upload={upload} uploads={uploads} />
        ))}
      </ul>
    </section>
  )
}

interface UploadingProps {
  readonly upload: Upload<FileView>
  readonly uploads: Uploads<FileView>
}

function Uploading({ upload, uploads }: UploadingProps) {
  const { editor: words } = useKnowledge().texts
  const problem = useProblem()
  const { id, file, state, progress, error } = upload
  const percent = Math.round(progress * 100)
  return (
    <li data-state={state}>
      <span className="clip">{file.name}</span>
      {state === 'failed' ? (
        <>
          <span className="kb-wrong" role="alert">
            {problem(error ?? new WeccError({ code: 'internal' }))}
          </span>
          <IconButton icon={RotateCw} label={words.retryFile(file.name)} onPress={() => uploads.retry(id)} />
        </>
      ) : (
        <progress aria-label={words.uploading(file.name, percent)} max={100} value={percent} />
      )}
      <IconButton icon={X} label={words.removeFile(file.name)} onPress={() => uploads.remove(id)} />
    </li>
  )
}
