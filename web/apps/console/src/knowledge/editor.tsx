import type { FileView } from '@wecc/protocol'
import { Uploads } from '@wecc/realtime'
import { relativeTime } from '@wecc/ui'
import { useEffect, useMemo, useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { useStore } from '../use-store'
import { Alternatives } from './alternatives'
import { AudienceField } from './audience'
import { BodyEditor, insertPicture } from './body-editor'
import { pathOf } from './categories'
import { Conflict } from './conflict'
import { nameIn, personName, useKnowledge } from './context'
import { Field, Problem } from './controls'
import { Files, MAX_FILES } from './files'
import { flawOf } from './flaw'
import { MAX_TITLE } from './lines'
import { atOf, localInput } from './moment'
import { at } from './use-act'
import type { Editing } from './use-editing'

const MAX_BYTES = 20 * 1024 * 1024

/** An article's content. Saving makes the next version; what is not saved is kept on this computer. */
export function ArticleEditor({ editing }: { readonly editing: Editing }) {
  const { texts, rights, locale } = useKnowledge()
  const words = texts.editor
  const { draft, detail, isBehind, saving } = editing
  const [isComparing, setIsComparing] = useState(false)
  const isConflict = saving.error?.code === 'article.conflict'
  useEffect(() => {
    if (isConflict) setIsComparing(true)
  }, [isConflict])
  const [restored_ms] = useState(draft?.at_ms ?? null)
  const isReadOnly = !rights.is_editor || detail?.article.deleted_ms != null

  if (isBehind && isComparing) return <Conflict editing={editing} onClose={() => setIsComparing(false)} />
  return (
    <>
      {isBehind && detail && (
        <p className="kb-banner" role="status">
          <span>
            {texts.conflict.newer(
              personName(detail.newest.author, texts),
              relativeTime(detail.newest.at_ms, locale),
              detail.newest.version,
            )}
          </span>
          <Button onPress={() => setIsComparing(true)}>{texts.conflict.compare}</Button>
        </p>
      )}
      {!isBehind && draft && restored_ms !== null && draft.at_ms === restored_ms && (
        <p className="kb-banner" role="status">
          {words.restoredHere(relativeTime(restored_ms, locale))}
        </p>
      )}
      <div className="kb-edit">
        <Fields editing={editing} isReadOnly={isReadOnly} />
      </div>
      {!isReadOnly && <Footer editing={editing} />}
    </>
  )
}

interface FieldsProps {
  readonly editing: Editing
  readonly isReadOnly: boolean
}

function Fields({ editing, isReadOnly }: FieldsProps) {
  const { texts } = useKnowledge()
  const words = texts.editor
  const { edited, detail, change } = editing
  const { content, files } = edited
  const set = (part: Partial<typeof content>) => change({ content: { ...content, ...part } })
  const { uploads, add } = useUploads(editing)
  return (
    <fieldset className="kb-fields" disabled={isReadOnly}>
      <Field label={words.name}>
        {(attributes) => (
          <input
            {...attributes}
            className="input kb-title"
            maxLength={MAX_TITLE}
            autoFocus={detail === null}
            placeholder={words.namePlaceholder}
            value={content.title}
            onChange={(event) => set({ title: event.target.value })}
          />
        )}
      </Field>
      <BodyEditor
        body={content.body}
        files={files}
        isReadOnly={isReadOnly}
        onChange={(body) => set({ body })}
        onFiles={add}
      />
      <Alternatives
        alternatives={content.alternatives}
        isReadOnly={isReadOnly}
        onChange={(alternatives) => set({ alternatives })}
      />
      <div className="kb-columns">
        <CategoryField categoryId={edited.categoryId} onChange={(categoryId) => change({ categoryId })} />
        <Field label={words.lang}>
          {(attributes) => (
            <select
              {...attributes}
              className="input"
              value={content.lang}
              onChange={(event) => set({ lang: event.target.value })}
            >
              {Object.entries({ [content.lang]: content.lang, ...texts.langs }).map(([lang, name]) => (
                <option key={lang} value={lang}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <AudienceField audience={content.audience} onChange={(audience) => set({ audience })} />
      <Validity editing={editing} />
      <Files
        files={files}
        body={content.body}
        uploads={uploads}
        isReadOnly={isReadOnly}
        onAdd={(added) => add(added)}
        onRemove={(id) => {
          const kept = files.filter((one) => one.id !== id)
          change({ files: kept, content: { ...content, file_ids: kept.map((one) => one.id) } })
        }}
        onInsert={insertPicture}
      />
    </fieldset>
  )
}

interface CategoryFieldProps {
  readonly categoryId: string
  readonly onChange: (categoryId: string) => void
}

function CategoryField({ categoryId, onChange }: CategoryFieldProps) {
  const { texts, categories, locale } = useKnowledge()
  const all = categories ?? []
  return (
    <Field label={texts.editor.category}>
      {(attributes) => (
        <select
          {...attributes}
          className="input"
          value={categoryId}
          onChange={(event) => onChange(event.target.value)}
        >
          {categoryId === '' && <option value="">{texts.editor.chooseCategory}</option>}
          {all.map(({ id }) => (
            <option key={id} value={id}>
              {pathOf(all, id)
                .map((one) => nameIn(locale, one))
                .join(' / ')}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

function Validity({ editing }: { readonly editing: Editing }) {
  const { editor: words } = useKnowledge().texts
  const { content } = editing.edited
  const { valid_from_ms, valid_until_ms } = content
  const set = (part: Partial<typeof content>) => editing.change({ content: { ...content, ...part } })
  const isWrong = valid_from_ms !== null && valid_until_ms !== null && valid_until_ms <= valid_from_ms
  const isPast = valid_until_ms !== null && valid_until_ms < Date.now()
  return (
    <div className="kb-columns">
      <Field label={words.validFrom} hint={words.validHint}>
        {(attributes) => (
          <input
            {...attributes}
            className="input figures"
            type="datetime-local"
            value={localInput(valid_from_ms)}
            onChange={(event) => set({ valid_from_ms: atOf(event.target.value) })}
          />
        )}
      </Field>
      <Field label={words.validUntil} problem={isWrong ? words.validOrder : isPast ? words.validPast : null}>
        {(attributes) => (
          <input
            {...attributes}
            className="input figures"
            type="datetime-local"
            value={localInput(valid_until_ms)}
            onChange={(event) => set({ valid_until_ms: atOf(event.target.value) })}
          />
        )}
      </Field>
    </div>
  )
}

function Footer({ editing }: { readonly editing: Editing }) {
  const { texts } = useKnowledge()
  const words = texts.editor
  const { edited, draft, detail, saving, change, discard, save } = editing
  const [isAsking, setIsAsking] = useState(false)
  const flaw = flawOf(editing, words)
  const isLive = detail != null && detail.article.visible_version !== null
  // What was asked to be changed may be handed in again as it is.
  const maySave = draft !== null || detail?.newest.stage === 'changes_asked'
  return (
    <footer className="kb-save">
      <input
        className="input"
        aria-label={words.comment}
        placeholder={words.comment}
        maxLength={300}
        value={edited.comment}
        onChange={(event) => change({ comment: event.target.value })}
      />
      <span className="kb-save-state" role="status">
        {saving.error && saving.error.code !== 'article.conflict' ? (
          <Problem error={saving.error} />
        ) : draft ? (
          (flaw ?? (isLive ? words.unsavedLive : words.unsaved))
        ) : (
          words.noChanges
        )}
      </span>
      {draft && (
        <Button look="quiet" onPress={() => setIsAsking(true)}>
          {words.discard}
        </Button>
      )}
      <Button
        look="primary"
        isDisabled={!maySave || flaw !== null}
        isPending={saving.isBusy}
        onPress={() => void save()}
      >
        {saving.isBusy ? words.saving : detail ? words.save : words.saveFirst}
      </Button>
      {isAsking && (
        <Ask
          title={words.discardTitle}
          text={words.discardAsk}
          confirm={words.discardGo}
          look="danger"
          onConfirm={() => {
            discard()
            setIsAsking(false)
          }}
          onClose={() => setIsAsking(false)}
        />
      )}
    </footer>
  )
}

/** Files on their way; what has arrived is attached. */
function useUploads(editing: Editing) {
  const { say, texts } = useKnowledge()
  const uploads = useMemo(() => new Uploads<FileView>({ url: at('files'), maxBytes: () => MAX_BYTES }), [])
  const under = useStore(uploads)
  useEffect(() => () => uploads.clear(), [uploads])
  const { edited, change } = editing
  const isAnyDone = under.some((one) => one.state === 'done')
  useEffect(() => {
    if (!isAnyDone) return
    const known = new Set(edited.content.file_ids)
    const arrived = uploads.take().filter((one) => !known.has(one.id))
    if (arrived.length === 0) return
    const files = [...edited.files, ...arrived]
    change({ files, content: { ...edited.content, file_ids: files.map((one) => one.id) } })
  }, [isAnyDone, uploads, edited, change])
  const add = (added: readonly File[]) => {
    const room = MAX_FILES - edited.files.length - under.length
    if (added.length > room) say(texts.editor.tooManyFiles(MAX_FILES))
    for (const file of added.slice(0, Math.max(0, room))) uploads.add(file)
  }
  return { uploads, add }
}
