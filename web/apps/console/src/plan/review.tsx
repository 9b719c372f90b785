import { useState } from 'react'
import { TextArea } from 'react-aria-components'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'
import { WeccError } from '@wecc/realtime'
import { usePlan } from './context'
import { areSame } from './fields'
import { SMALL_GROUP, useGroupSizes } from './groups'
import { ChangeList, ProblemList } from './told'
import { useStore } from '../use-store'
import { Conflicting } from './conflict'

/** What is about to change, once more in words, before it is put in force. */
export function ReviewSection({ onDone }: { readonly onDone: () => void }) {
  const { editor, editing, texts, say } = usePlan()
  const words = texts.review
  const all = useTexts()
  const [comment, setComment] = useState('')
  const warnings = useWarnings()
  const { changes, problems, checking, isSaving, saveError, conflict } = editing
  if (conflict) return <Conflicting conflict={conflict} />

  const save = async () => {
    if (!(await editor.save(comment.trim()))) return
    const { saved } = editor.getSnapshot()
    if (saved) say(texts.header.saved(saved.version))
    setComment('')
    onDone()
  }
  if (changes.length === 0)
    return (
      <>
        <h2>{words.title}</h2>
        <p className="plan-hint">{words.nothing}</p>
      </>
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <h2>{words.title}</h2>
      <p className="plan-intro">{words.intro}</p>
      <h3>{words.changes(changes.length)}</h3>
      <ChangeList changes={changes} isOwn />
      {problems.length > 0 && (
        <>
          <h3 className="plan-bad">{words.problems(problems.length)}</h3>
          <ProblemList />
        </>
      )}
      {warnings.length > 0 && (
        <>
          <h3>{words.warnings}</h3>
          <ul className="plan-warnings">
            {warnings.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <label className="plan-comment-field">
        {words.comment}
        <TextArea
          className="input"
          data-own-undo
          rows={2}
          maxLength={300}
          placeholder={words.commentHint}
          value={comment}
          onChange={(event) => setComment(event.target.value.replaceAll('\n', ' '))}
        />
      </label>
      {checking !== 'no' && (
        <p className="plan-hint">{checking === 'yes' ? words.checking : words.checkFailed}</p>
      )}
      {saveError !== null && (
        <p className="problem" role="alert">
          {texts.errors[WeccError.from(saveError).code] ?? errorText(saveError, all)}
        </p>
      )}
      <footer className="plan-actions">
        <Button
          type="submit"
          look="primary"
          isPending={isSaving}
          isDisabled={problems.length > 0 || checking === 'yes'}
        >
          {isSaving ? words.saving : words.save}
        </Button>
        <Button look="quiet" onPress={onDone}>
          {words.back}
        </Button>
      </footer>
    </form>
  )
}

/** What is possible and still deserves a thought; only what this draft brings about. */
function useWarnings(): string[] {
  const { editing, texts, names, whatIf } = usePlan()
  const trial = useStore(whatIf)
  const words = texts.review
  const sizes = useGroupSizes()
  const { base, draft, plan } = editing
  const turned = (path: string, to: unknown) => draft.get(path) === to && base.get(path) !== to
  const warnings: string[] = []
  if (turned('policy', 'vip_strict')) warnings.push(words.strict)
  if (turned('favours_high_target_when_missed', true)) warnings.push(words.missed)
  if (turned('favours_high_target_when_met', true)) warnings.push(words.met)
  const before = new Map<string, number>()
  for (const path of base.keys()) {
    const group = /^members\.[^.]+\.groups\.([^.]+)$/.exec(path)?.[1]
    if (group) before.set(group, (before.get(group) ?? 0) + 1)
  }
  for (const { code } of plan.groups) {
    const [was, is] = [before.get(code), sizes.get(code) ?? 0]
    if (is === (was ?? -1)) continue
    if (is === 0) warnings.push(words.emptied(names.group(code)))
    else if (is < SMALL_GROUP && (was === undefined || was >= SMALL_GROUP))
      warnings.push(words.smaller(names.group(code), is))
  }
  for (const tier of plan.tiers)
    for (const { channel, target_percent, threshold_s } of tier.targets) {
      const at = `tiers.${tier.code}.targets.${channel}`
      const [percent, limit_s] = [base.get(`${at}.target_percent`), base.get(`${at}.threshold_s`)]
      if (
        (typeof percent === 'number' && target_percent < percent) ||
        (typeof limit_s === 'number' && threshold_s > limit_s)
      )
        warnings.push(words.looser(names.tier(tier.code), texts.channels[channel]!))
    }
  if (!trial?.then || !areSame(trial.of, draft)) warnings.push(words.untried)
  return warnings
}
