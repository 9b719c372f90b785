import { RotateCcw } from 'lucide-react'

import { Button } from '../controls/button'
import { Section } from '../customer/section'
import { percent } from '../desk/reason'
import { usePlan } from './context'
import { StaffingCurve } from './staffing-curve'
import { ChangeList, ProblemList } from './told'
import { TrialPane } from './trial'

/** What the draft brings about: changes, problems, advice, the trial. */
export function Consequences({ section, item }: { readonly section: string; readonly item: string | null }) {
  const { editor, editing, texts } = usePlan()
  const words = texts.consequences
  const { changes, problems, checking } = editing
  return (
    <>
      <Section name="plan-changes" title={words.changes} count={changes.length}>
        {changes.length === 0 ? (
          <p className="plan-faint">{words.noChanges}</p>
        ) : (
          <>
            <ChangeList changes={changes} isOwn />
            <Button look="quiet" onPress={() => editor.replace(editing.base)}>
              <RotateCcw size={14} aria-hidden />
              {words.takeBackAll}
            </Button>
          </>
        )}
      </Section>
      <Section name="plan-problems" title={words.problems} count={problems.length}>
        {problems.length > 0 ? (
          <ProblemList />
        ) : checking === 'failed' ? (
          <p className="plan-faint">
            {words.checkFailed}{' '}
            <button type="button" className="plan-link" onClick={() => editor.recheck()}>
              {words.recheck}
            </button>
          </p>
        ) : (
          <p className="plan-faint">{checking === 'yes' ? words.checking : words.noProblems}</p>
        )}
      </Section>
      {(section === 'groups' || section === 'agents') && <Advice item={section === 'groups' ? item : null} />}
      <Section name="plan-what-if" title={words.whatIf}>
        <TrialPane />
      </Section>
    </>
  )
}

function Advice({ item }: { readonly item: string | null }) {
  const { editing, texts, names } = usePlan()
  const words = texts.consequences
  const { check } = editing
  if (!check) return null
  const small = check.groups.filter((one) => one.is_small)
  const shown = item ? check.groups.filter((one) => one.group === item) : small
  const here = check.groups.find((one) => one.group === item) ?? (small.length === 1 ? small[0] : undefined)
  return (
    <Section name="plan-advice" title={words.advice} count={small.length}>
      {small.length === 0 && <p className="plan-faint">{words.adviceGood}</p>}
      <ul className="plan-advice">
        {shown.map((one) => (
          <li key={one.group} data-small={one.is_small || undefined}>
            <b>{words.adviceOne(names.group(one.group), one.agents)}</b>
            <span>
              {one.occupancy_percent === null
                ? words.occupancyNone
                : words.occupancy(percent(one.occupancy_percent))}
            </span>
          </li>
        ))}
      </ul>
      {(small.length > 0 || item) && (
        <>
          <p className="plan-hint">{words.why}</p>
          <StaffingCurve
            check={check}
            here={here ? { name: names.group(here.group), agents: here.agents } : null}
          />
        </>
      )}
    </Section>
  )
}
