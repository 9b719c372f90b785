import type { FileView } from '@wecc/protocol'
import { Store } from '@wecc/realtime'
import { Bold, Heading2, Image, Link, List, ListOrdered, type LucideIcon, Table } from 'lucide-react'
import { type ClipboardEvent, type DragEvent, useDeferredValue, useId, useRef } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'

import { IconButton } from '../controls/button'
import { useStore } from '../use-store'
import { ArticleBody } from './article-body'
import { useKnowledge } from './context'
import { block, type Mark, marked, type Replacement } from './marks'
import { at } from './use-act'

const MAX_BODY = 100_000

export type BodyView = 'write' | 'both' | 'read'

class BodyViewStore extends Store<BodyView> {
  constructor() {
    super('both')
  }

  choose(view: BodyView): void {
    this.set(view)
  }
}

/** Kept from article to article. */
const bodyView = new BodyViewStore()

const tools: readonly (readonly [Mark, LucideIcon])[] = [
  ['heading', Heading2],
  ['bold', Bold],
  ['bullets', List],
  ['numbers', ListOrdered],
  ['table', Table],
  ['link', Link],
]

/** Puts text into a field so that the browser can undo it. */
function put(field: HTMLTextAreaElement, { from, to, text, select }: Replacement): void {
  field.focus()
  field.setSelectionRange(from, to)
  document.execCommand('insertText', false, text)
  field.setSelectionRange(...select)
}

export const isPicture = (file: FileView): boolean => file.media_type.startsWith('image/')

export const pictureText = (file: FileView): string =>
  `![${file.name.replace(/\.[a-z0-9]+$/i, '').replace(/[[\]]/g, '')}](file:${file.id})`

export const fileAddress = (id: string): string => at(`files/${id}`)

export interface BodyEditorProps {
  readonly body: string
  readonly files: readonly FileView[]
  readonly isReadOnly: boolean
  readonly onChange: (body: string) => void
  readonly onFiles: (files: readonly File[]) => void
}

/** The body as Markdown, and how readers see it. */
export function BodyEditor({ body, files, isReadOnly, onChange, onFiles }: BodyEditorProps) {
  const { editor: words } = useKnowledge().texts
  const view = useStore(bodyView)
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const id = useId()
  const shown = isReadOnly ? 'read' : view

  const mark = (which: Mark) => {
    const area = field.current
    if (area) put(area, marked(area.value, area.selectionStart, area.selectionEnd, which, words.sample))
  }
  const take = (event: ClipboardEvent | DragEvent, list: FileList | undefined) => {
    if (!list?.length) return
    event.preventDefault()
    onFiles([...list])
  }
  return (
    <div className="kb-body-editor">
      <header>
        <label htmlFor={id}>{words.body}</label>
        {!isReadOnly && (
          <>
            <span className="kb-tools" hidden={shown === 'read'}>
              {tools.map(([which, icon]) => (
                <IconButton key={which} icon={icon} label={words.marks[which]} onPress={() => mark(which)} />
              ))}
              <IconButton icon={Image} label={words.marks.picture} onPress={() => picker.current?.click()} />
              <input
                ref={picker}
                type="file"
                accept="image/*"
                multiple
                hidden
                onChange={(event) => {
                  onFiles([...(event.target.files ?? [])])
                  event.target.value = ''
                }}
              />
            </span>
            <ToggleButtonGroup
              className="kb-views"
              aria-label={words.view}
              selectionMode="single"
              disallowEmptySelection
              selectedKeys={[view]}
              onSelectionChange={([key]) => bodyView.choose(key as BodyView)}
            >
              {(['write', 'both', 'read'] as const).map((one) => (
                <ToggleButton key={one} id={one}>
                  {words.views[one]}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
          </>
        )}
      </header>
      <div className="kb-body-panes" data-view={shown}>
        {shown !== 'read' && (
          <textarea
            ref={field}
            id={id}
            className="input"
            maxLength={MAX_BODY}
            value={body}
            onChange={(event) => onChange(event.target.value)}
            onPaste={(event) => take(event, event.clipboardData.files)}
            onDrop={(event) => take(event, event.dataTransfer.files)}
          />
        )}
        {shown !== 'write' && <Preview body={body} files={files} />}
      </div>
    </div>
  )
}

/** Puts a picture into the body at the cursor, on lines of its own. */
export function insertPicture(file: FileView): void {
  const area = document.querySelector<HTMLTextAreaElement>('.kb-body-editor textarea')
  if (area) put(area, block(area.value, area.selectionStart, area.selectionEnd, pictureText(file)))
}

function Preview({ body, files }: { readonly body: string; readonly files: readonly FileView[] }) {
  const { editor: words } = useKnowledge().texts
  const late = useDeferredValue(body)
  const known = new Set(files.map((one) => one.id))
  return (
    <section className="kb-preview" aria-label={words.preview}>
      {late.trim() ? (
        <ArticleBody
          body={late}
          pictureUrl={(id) => (known.has(id) ? fileAddress(id) : null)}
          missing={words.pictureMissing}
        />
      ) : (
        <p className="kb-hint">{words.previewEmpty}</p>
      )}
    </section>
  )
}
