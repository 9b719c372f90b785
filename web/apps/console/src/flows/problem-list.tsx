import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { useEffect } from 'react'

import { Button } from '../controls/button'
import { useTexts } from '../texts'
import { useFlows } from './context'
import { errorsOf, type FlowEditing } from './editor'
import { problemText } from './words'

export interface ProblemListProps {
  readonly editing: FlowEditing
  readonly onGo: (line: number, column: number) => void
  readonly onRecheck: () => void
}

/** What is wrong with the text, each with its line; a click goes there. */
export function ProblemList({ editing, onGo, onRecheck }: ProblemListProps) {
  const { texts, say } = useFlows()
  const all = useTexts()
  const words = texts.problems
  const { check, checked, source, isUnchecked } = editing
  const { problems } = check
  const errors = errorsOf(problems).length
  const warnings = problems.length - errors
  useEffect(() => {
    if (errors + warnings > 0) say(words.found(errors, warnings))
  }, [errors, warnings, say, words])
  return (
    <section className="flows-problems" aria-label={words.title}>
      <header>
        <h3>{words.title}</h3>
        {errors > 0 && <span data-kind="error">{words.errors(errors)}</span>}
        {warnings > 0 && <span data-kind="warning">{words.warnings(warnings)}</span>}
        {problems.length === 0 && checked === source && (
          <span data-kind="none">
            <CircleCheck size={13} aria-hidden /> {words.none}
          </span>
        )}
        {checked !== source && !isUnchecked && <span className="flows-late">{words.checking}</span>}
        {isUnchecked && (
          <>
            <span data-kind="warning">{words.unchecked}</span>
            <Button look="quiet" onPress={onRecheck}>
              {all.retry}
            </Button>
          </>
        )}
        <small className="only-wide clip">{texts.editor.hint}</small>
      </header>
      {problems.length > 0 && (
        <ul>
          {problems.map((problem, at) => (
            <li key={at}>
              <button
                type="button"
                data-kind={problem.is_warning ? 'warning' : 'error'}
                onClick={() => onGo(problem.line, problem.column)}
              >
                {problem.is_warning ? (
                  <TriangleAlert size={13} aria-label={words.warning} />
                ) : (
                  <CircleAlert size={13} aria-label={words.error} />
                )}
                <span className="figures">{words.line(problem.line)}</span>
                <span>{problemText(problem, texts)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
