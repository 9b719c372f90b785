import type { ArticleDetail, VersionRow, VersionView } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { useReading } from '../reading'
import { canBePublished } from './content'
import { personName, useKnowledge } from './context'
import { Field, Waiting } from './controls'
import { Difference, type Side } from './difference'
import { StageMark } from './stage-mark'
import { at } from './use-act'
import type { Editing } from './use-editing'

export interface VersionsProps {
  readonly editing: Editing
  readonly detail: ArticleDetail
  readonly onPublish: (version: number) => void
  readonly onRestored: () => void
}

/** Every version, what differs between any two, and the way back to each. */
export function Versions({ editing, detail, onPublish, onRestored }: VersionsProps) {
  const { texts, locale } = useKnowledge()
  const words = texts.versions
  const [open, setOpen] = useState<number | null>(null)
  const { versions, article } = detail
  return (
    <section className="kb-scroll" aria-label={words.title}>
      <ul className="kb-versions">
        {versions.map((one) => (
          <li key={one.version} data-chosen={one.version === open || undefined}>
            <button
              type="button"
              className="kb-open"
              aria-expanded={one.version === open}
              onClick={() => setOpen(one.version === open ? null : one.version)}
            >
              <b>{texts.article.version(one.version)}</b>
              <span className="clip">{one.title}</span>
              <StageMark stage={one.stage} />
              {one.version === article.visible_version && <small className="kb-live">{words.live}</small>}
              <small>
                {texts.article.savedBy(personName(one.author, texts), relativeTime(one.at_ms, locale))}
              </small>
            </button>
            {one.comment && <blockquote className="kb-comment">{one.comment}</blockquote>}
            {one.version === open && (
              <OpenVersion
                key={one.version}
                row={one}
                editing={editing}
                detail={detail}
                onPublish={onPublish}
                onRestored={onRestored}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function OpenVersion({
  row,
  editing,
  detail,
  onPublish,
  onRestored,
}: VersionsProps & { readonly row: VersionRow }) {
  const { texts, rights, say } = useKnowledge()
  const words = texts.versions
  const { article, versions, newest } = detail
  const before = versions.find((one) => one.version < row.version)?.version ?? null
  const [other, setOther] = useState<number | null>(
    before ?? (newest.version === row.version ? null : newest.version),
  )
  const [isAsking, setIsAsking] = useState(false)
  const own = useReading<VersionView>(at(`articles/${article.id}/versions/${row.version}`), { isQuiet: true })
  const compared = useReading<VersionView>(
    other === null || other === 0 ? null : at(`articles/${article.id}/versions/${other}`),
    { isQuiet: true },
  )
  if (!own.value) return <Waiting reading={own} lines={2} />

  const side = (view: VersionView): Side => ({ ...view, name: texts.article.version(view.version) })
  const current: Side = { name: words.current, content: editing.edited.content, files: editing.edited.files }
  const restore = (view: VersionView) => {
    editing.change({ content: view.content, files: view.files })
    say(words.restored(view.version))
    onRestored()
  }
  const isCurrent = other === 0
  const against = isCurrent ? current : compared.value && side(compared.value)
  // The older one stands on the left.
  const pair =
    against &&
    (other !== null && other !== 0 && other < row.version
      ? [against, side(own.value)]
      : [side(own.value), against])
  return (
    <div className="kb-version">
      <Field label={words.with}>
        {(attributes) => (
          <select
            {...attributes}
            className="input"
            value={other ?? ''}
            onChange={(event) => setOther(event.target.value === '' ? null : Number(event.target.value))}
          >
            {other === null && <option value="" />}
            <option value={0}>{words.current}</option>
            {versions
              .filter((one) => one.version !== row.version)
              .map((one) => (
                <option key={one.version} value={one.version}>
                  {texts.article.version(one.version)}
                </option>
              ))}
          </select>
        )}
      </Field>
      {pair && <Difference left={pair[0]!} right={pair[1]!} />}
      {other !== null && other !== 0 && !compared.value && <Waiting reading={compared} lines={2} />}
      <footer className="kb-actions">
        {rights.is_editor && article.deleted_ms === null && row.version !== newest.version && (
          <Button onPress={() => (editing.draft ? setIsAsking(true) : restore(own.value!))}>
            {words.restore}
          </Button>
        )}
        {canBePublished(row.stage) && article.deleted_ms === null && (
          <Button onPress={() => onPublish(row.version)}>
            {row.stage === 'approved' ? texts.publish.goTitle(row.version) : words.publishAgain}
          </Button>
        )}
      </footer>
      {isAsking && (
        <Ask
          title={words.restoreTitle}
          text={words.restoreAsk}
          confirm={words.restore}
          look="danger"
          onConfirm={() => restore(own.value!)}
          onClose={() => setIsAsking(false)}
        />
      )}
    </div>
  )
}
