import type { FlowSummary, FlowVersionList, FlowView } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useEffect, useState } from 'react'

import { useNow } from '../controls/age'
import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { useReading } from '../reading'
import { useStore } from '../use-store'
import { showFlow } from './address'
import { useFlows } from './context'
import { Difference } from './difference'
import { at, errorsOf, type FlowEditor, hasChanges } from './editor'
import { Waiting } from './waiting'
import { personName } from './words'

/** Stands for what is not saved, among the versions. */
const MINE = 0

/** Who saved what; each can be compared with any other and be brought back. */
export function VersionsView({ editor }: { readonly editor: FlowEditor }) {
  const { texts } = useFlows()
  const words = texts.versions
  const current = useStore(editor, ({ view }) => view?.summary.version ?? 0)
  const list = useReading<FlowVersionList>(at(`${editor.code}/versions`))
  const { again } = list
  const [open, setOpen] = useState<number | null>(null)
  useEffect(again, [current, again])
  if (!list.value) return <Waiting reading={list} />
  return (
    <section className="flows-scroll" aria-label={words.title}>
      <ul className="flows-versions">
        {list.value.versions.map((one) => {
          const isOpen = one.version === open
          return (
            <li key={one.version} data-chosen={isOpen || undefined}>
              {one.is_deleted ? (
                <p className="flows-deletion">
                  <VersionLine version={one} />
                </p>
              ) : (
                <button
                  type="button"
                  aria-expanded={isOpen}
                  onClick={() => setOpen(isOpen ? null : one.version)}
                >
                  <VersionLine version={one} />
                  {one.version === current && <small className="flows-current">{words.current}</small>}
                </button>
              )}
              {one.comment && <blockquote className="flows-comment">{one.comment}</blockquote>}
              {isOpen && (
                <OpenVersion version={one.version} versions={list.value!.versions} editor={editor} />
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function VersionLine({ version }: { readonly version: FlowSummary }) {
  const { texts, locale } = useFlows()
  const when = relativeTime(version.saved_ms, locale, useNow())
  const told = version.is_deleted ? texts.deletedBy : texts.savedBy
  return (
    <>
      <b>{texts.version(version.version)}</b>
      <span>{told(personName(version.saved_by, texts), when)}</span>
    </>
  )
}

interface OpenVersionProps {
  readonly version: number
  readonly versions: readonly FlowSummary[]
  readonly editor: FlowEditor
}

function OpenVersion({ version, versions, editor }: OpenVersionProps) {
  const { texts, say } = useFlows()
  const words = texts.versions
  const editing = useStore(editor)
  const { view: current } = editing
  const isEdited = hasChanges(editing)
  const others = versions.flatMap((one) => (one.is_deleted || one.version === version ? [] : [one.version]))
  const [other, setOther] = useState<number | null>(
    others.find((one) => one < version) ?? others.at(-1) ?? (isEdited ? MINE : null),
  )
  const [isAsking, setIsAsking] = useState(false)
  const own = useReading<FlowView>(at(`${editor.code}/versions/${version}`), { isQuiet: true })
  const compared = useReading<FlowView>(other ? at(`${editor.code}/versions/${other}`) : null, {
    isQuiet: true,
  })
  if (!own.value) return <Waiting reading={own} />

  const { source, problems } = own.value
  const errors = errorsOf(problems).length
  const otherSource = other === MINE ? editing.source : compared.value?.source
  // From the older to the newer; what is not saved is the newest.
  const isOlder = other === MINE || (other !== null && other > version)
  const names = [texts.version(version), other === MINE ? words.mine : texts.version(other ?? 0)] as const
  const restore = () => {
    setIsAsking(false)
    editor.restore(source.replace(/\r\n?/g, '\n'), words.comment(version))
    say(words.restored(version))
    showFlow(editor.code, 'changes')
  }
  return (
    <div className="flows-version">
      {others.length === 0 && !isEdited && <p className="flows-hint">{words.only}</p>}
      {(others.length > 0 || isEdited) && (
        <label className="flows-with">
          {words.with}
          <select
            className="input"
            value={other ?? ''}
            onChange={(event) => setOther(Number(event.target.value))}
          >
            {isEdited && <option value={MINE}>{words.mine}</option>}
            {others.map((one) => (
              <option key={one} value={one}>
                {texts.version(one)}
              </option>
            ))}
          </select>
        </label>
      )}
      {otherSource === source && <p className="flows-hint">{words.same}</p>}
      {otherSource !== undefined && otherSource !== source && (
        <Difference
          label={isOlder ? words.between(names[0], names[1]) : words.between(names[1], names[0])}
          from={isOlder ? source : otherSource}
          to={isOlder ? otherSource : source}
        />
      )}
      {version !== current?.summary.version && (
        <footer className="flows-actions">
          <Button onPress={() => (isEdited ? setIsAsking(true) : restore())}>{words.restore}</Button>
          <span className="flows-hint">{words.restoreHint}</span>
          {errors > 0 && <span className="flows-wrong">{words.broken(errors)}</span>}
        </footer>
      )}
      {isAsking && (
        <Ask
          title={words.restoreTitle}
          text={words.restoreAsk}
          confirm={words.restore}
          look="danger"
          onConfirm={restore}
          onClose={() => setIsAsking(false)}
        />
      )}
    </div>
  )
}
