import { relativeTime } from '@wecc/ui'
import { useId, useMemo, useState } from 'react'

import { Button } from '../controls/button'
import { changesBetween } from './changes'
import { usePlan } from './context'
import type { Conflicting as ConflictingState } from './editor'
import { ChangeList } from './told'
import { namesOf, tellConflict } from './words'

/** Another version was saved meanwhile: what differs, and what is to become of one's own changes. */
export function Conflicting({ conflict }: { readonly conflict: ConflictingState }) {
  const { editor, editing, texts, tiers, locale, say } = usePlan()
  const words = texts.conflict
  const [minePaths, setMinePaths] = useState<ReadonlySet<string>>(new Set())
  const [isAsking, setIsAsking] = useState(false)
  const { theirs, theirFields, merged } = conflict
  const { base, draft, changes } = editing
  const theirChanges = useMemo(() => changesBetween(base, theirFields), [base, theirFields])
  const names = useMemo(() => {
    const agents = new Map(theirs.agents.map(({ agent }) => [agent.id, agent.name]))
    return namesOf(draft, theirFields, agents, new Map(tiers.map((one) => [one.code, one])), locale)
  }, [draft, theirs, theirFields, tiers, locale])
  const choose = (path: string, isMine: boolean) => {
    const next = new Set(minePaths)
    if (isMine) next.add(path)
    else next.delete(path)
    setMinePaths(next)
  }
  const { version, saved_by, saved_ms } = theirs.version
  return (
    <>
      <h2>{words.title}</h2>
      <p className="plan-intro">
        {words.what(saved_by?.name ?? texts.header.someone, relativeTime(saved_ms, locale), version)}
      </p>
      {theirs.version.comment && <p className="plan-comment">{theirs.version.comment}</p>}
      <h3>{words.theirs(theirChanges.length)}</h3>
      {theirChanges.length ? (
        <ChangeList changes={theirChanges} between={[base, theirFields]} />
      ) : (
        <p className="plan-hint">{words.same}</p>
      )}
      <h3>{words.mine(changes.length)}</h3>
      <ChangeList changes={changes} />
      {merged.conflicts.length === 0 ? (
        <p className="plan-hint">{words.noAsks}</p>
      ) : (
        <>
          <h3>{words.asks(merged.conflicts.length)}</h3>
          <ul className="plan-conflicts">
            {merged.conflicts.map((one) => {
              const told = tellConflict(one, names, texts)
              return (
                <li key={one.path}>
                  <Sides
                    name={[told.where, told.what].filter(Boolean).join(' · ')}
                    mine={told.mine}
                    theirs={told.theirs}
                    isMine={minePaths.has(one.path)}
                    onChoose={(isMine) => choose(one.path, isMine)}
                  />
                </li>
              )
            })}
          </ul>
        </>
      )}
      <footer className="plan-actions">
        <Button
          look="primary"
          onPress={() => {
            editor.reapply(minePaths)
            say(words.merged)
          }}
        >
          {words.reapply}
        </Button>
        {isAsking ? (
          <>
            <span role="alert">{words.dropAsk(changes.length)}</span>
            <Button
              look="danger"
              autoFocus
              onPress={() => {
                editor.takeTheirs()
                say(words.taken(version))
              }}
            >
              {words.dropConfirm}
            </Button>
          </>
        ) : (
          <Button onPress={() => setIsAsking(true)}>{words.drop}</Button>
        )}
        <Button look="quiet" onPress={() => editor.leaveConflict()}>
          {words.later}
        </Button>
      </footer>
    </>
  )
}

interface SidesProps {
  readonly name: string
  readonly mine: string
  readonly theirs: string
  readonly isMine: boolean
  readonly onChoose: (isMine: boolean) => void
}

function Sides({ name, mine, theirs, isMine, onChoose }: SidesProps) {
  const { conflict: words } = usePlan().texts
  const group = useId()
  return (
    <fieldset className="plan-sides">
      <legend>{name}</legend>
      <label>
        <input type="radio" name={group} checked={!isMine} onChange={() => onChoose(false)} />
        {words.takeTheirs} <b className="figures">{theirs}</b>
      </label>
      <label>
        <input type="radio" name={group} checked={isMine} onChange={() => onChoose(true)} />
        {words.takeMine} <b className="figures">{mine}</b>
      </label>
    </fieldset>
  )
}
