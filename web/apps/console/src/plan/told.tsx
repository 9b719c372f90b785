import { Undo2 } from 'lucide-react'
import { useMemo } from 'react'

import { IconButton } from '../controls/button'
import { showField } from './address'
import { type Change } from './changes'
import { usePlan } from './context'
import type { Fields } from './fields'
import { fieldPlace, namesOf, problemText, sentence, tell } from './words'

export interface ChangeListProps {
  readonly changes: readonly Change[]
  /** Where names come from when the changes are not the draft's own. */
  readonly between?: readonly [from: Fields, to: Fields]
  /** Each can be gone to and taken back. */
  readonly isOwn?: boolean
}

/** Changes in words, from what to what. */
export function ChangeList({ changes, between, isOwn = false }: ChangeListProps) {
  const { editor, editing, names: ownNames, texts, tiers, locale, say } = usePlan()
  const names = useMemo(() => {
    if (!between) return ownNames
    const agents = new Map((editing.view?.agents ?? []).map(({ agent }) => [agent.id, agent.name]))
    return namesOf(between[1], between[0], agents, new Map(tiers.map((one) => [one.code, one])), locale)
  }, [between, ownNames, editing.view, tiers, locale])
  return (
    <ul className="plan-changes">
      {changes.map((change) => {
        const told = tell(change, names, texts)
        const whole = sentence(told, texts)
        const text = (
          <>
            <b>{told.where || told.what}</b>
            {told.where && <span>{told.what}</span>}
            {told.values && <span className="figures">{told.values}</span>}
          </>
        )
        return (
          <li key={change.path + change.kind + String(change.to)}>
            {isOwn && change.kind !== 'removed' ? (
              <button type="button" className="plan-change" onClick={() => showField(change.path)}>
                {text}
              </button>
            ) : (
              <span className="plan-change">{text}</span>
            )}
            {isOwn && (
              <IconButton
                icon={Undo2}
                label={texts.consequences.takeBack(whole)}
                onPress={() => {
                  editor.takeBack(change)
                  say(texts.header.undone(whole))
                }}
              />
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** What keeps the plan from being used; each leads to its field. */
export function ProblemList() {
  const { editing, names, texts } = usePlan()
  return (
    <ul className="plan-changes">
      {editing.problems.map((problem) => (
        <li key={problem.path + problem.code + problem.about}>
          <button type="button" className="plan-change" onClick={() => showField(problem.path)}>
            <b>{fieldPlace(problem.path, names, texts)}</b>
            <span className="plan-bad">{problemText(problem, names, texts)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
