import type { PlanVersion } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { useEffect, useState } from 'react'

import { useNow } from '../controls/age'
import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useWorkplace } from '../desk/context'
import { useTexts } from '../texts'
import { showPart } from './address'
import { changesBetween } from './changes'
import { usePlan } from './context'
import type { Fields } from './fields'
import { ChangeList } from './told'

const PAGE = 50

/** Who put what in force; any of it can become the draft again. */
export function VersionsSection({ item }: { readonly item: string | null }) {
  const { editing, texts } = usePlan()
  const words = texts.versions
  const { line } = useWorkplace()
  const all = useTexts()
  const [versions, setVersions] = useState<readonly PlanVersion[] | null>(null)
  const [limit, setLimit] = useState(PAGE)
  const [error, setError] = useState<unknown>(null)
  const current = editing.newer?.version ?? editing.view?.version.version

  useEffect(() => {
    let isShown = true
    setError(null)
    line.request('plan:list_versions', {}).then(
      (answer) => isShown && setVersions(answer.versions),
      (thrown) => isShown && setError(thrown),
    )
    return () => void (isShown = false)
  }, [line, current])

  return (
    <>
      <h2>{words.title}</h2>
      <p className="plan-intro">{words.intro}</p>
      {error !== null && (
        <p className="problem" role="alert">
          {words.failed} {errorText(error, all)}
        </p>
      )}
      {versions === null && error === null && <p className="plan-faint plan-late">{words.loading}</p>}
      <ul className="plan-versions">
        {versions?.slice(0, limit).map((one) => {
          const isOpen = String(one.version) === item
          return (
            <li key={one.version} data-chosen={isOpen || undefined}>
              <button
                type="button"
                className="plan-open"
                aria-expanded={isOpen}
                onClick={() => showPart('versions', isOpen ? null : String(one.version))}
              >
                <VersionLine version={one} />
                {one.version === current && <small className="plan-current">{words.current}</small>}
              </button>
              {one.comment && <p className="plan-comment">{one.comment}</p>}
              {isOpen && <VersionDetails key={one.version} version={one.version} />}
            </li>
          )
        })}
      </ul>
      {versions && versions.length > limit && (
        <Button look="quiet" onPress={() => setLimit(limit + PAGE)}>
          {words.more}
        </Button>
      )}
    </>
  )
}

/** `第 3 版　赵敏，今天 10:20` */
export function VersionLine({ version }: { readonly version: PlanVersion }) {
  const { texts, locale } = usePlan()
  const when = relativeTime(version.saved_ms, locale, useNow())
  return (
    <>
      <b>{texts.header.version(version.version)}</b>
      {' · '}
      <span className="plan-faint">
        {version.saved_by ? texts.header.savedBy(version.saved_by.name, when) : texts.header.setUp(when)}
      </span>
    </>
  )
}

function VersionDetails({ version }: { readonly version: number }) {
  const { editor, editing, texts, say } = usePlan()
  const words = texts.versions
  const all = useTexts()
  const [fields, setFields] = useState<Fields | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    let isShown = true
    editor.readVersion(version).then(
      (its) => isShown && setFields(its),
      (thrown) => isShown && setError(thrown),
    )
    return () => void (isShown = false)
  }, [editor, version])

  if (error !== null)
    return (
      <p className="problem" role="alert">
        {words.failed} {errorText(error, all)}
      </p>
    )
  if (!fields) return <p className="plan-faint plan-late">{words.loading}</p>
  const changes = changesBetween(editing.draft, fields)
  if (changes.length === 0) return <p className="plan-hint">{words.same}</p>
  const restore = () => {
    editor.replace(fields)
    say(words.restored(version))
    showPart('review')
  }
  return (
    <div className="plan-version">
      <p className="plan-hint">{words.differs(changes.length)}</p>
      <ChangeList changes={changes} between={[editing.draft, fields]} />
      <Button onPress={restore}>{words.restore}</Button>
    </div>
  )
}
