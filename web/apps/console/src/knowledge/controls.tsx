import type { WeccError } from '@wecc/realtime'
import { type ReactNode, useId } from 'react'

import { Button } from '../controls/button'
import type { Reading } from '../reading'
import { useTexts } from '../texts'
import { useKnowledge, useProblem } from './context'

/** Place holders until something is read, or why it was not and how to go on. */
export function Waiting({
  reading,
  lines = 4,
}: {
  readonly reading: Pick<Reading<unknown>, 'error' | 'again'>
  readonly lines?: number
}) {
  const { texts } = useKnowledge()
  const all = useTexts()
  const problem = useProblem()
  if (reading.error)
    return (
      <p className="problem kb-failed" role="alert">
        {texts.failed} {problem(reading.error)}
        <Button onPress={reading.again}>{all.retry}</Button>
      </p>
    )
  return (
    <div className="kb-reading" aria-label={texts.loading} aria-busy>
      {Array.from({ length: lines }, (_, at) => (
        <i key={at} className="skeleton" style={{ width: `${[72, 40, 88, 56][at % 4]!}%` }} />
      ))}
    </div>
  )
}

export function Problem({ error }: { readonly error: WeccError | null }) {
  const problem = useProblem()
  if (!error) return null
  return (
    <p className="problem" role="alert">
      {problem(error)}
    </p>
  )
}

export interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  readonly problem?: string | null | undefined
  readonly children: (attributes: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': boolean
  }) => ReactNode
}

/** A labelled field; its hint and what is wrong with it are read with it. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId()
  const about = `${id}-about`
  const isDescribed = Boolean(hint ?? problem)
  return (
    <div className="kb-field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': isDescribed ? about : undefined,
        'aria-invalid': Boolean(problem),
      })}
      {isDescribed && (
        <div id={about}>
          {hint && <p className="kb-hint">{hint}</p>}
          {problem && <p className="kb-wrong">{problem}</p>}
        </div>
      )}
    </div>
  )
}

export interface ChecksProps {
  readonly legend: string
  readonly options: readonly {
    readonly id: string
    readonly name: string
    readonly note?: string
    readonly isDisabled?: boolean
  }[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
  readonly empty?: string
}

/** Several of a few, as boxes. */
export function Checks({ legend, options, chosen, onChoose, empty }: ChecksProps) {
  const toggle = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChoose(next)
  }
  return (
    <fieldset className="kb-checks">
      <legend>{legend}</legend>
      {options.length === 0 && <p className="kb-hint">{empty}</p>}
      {options.map(({ id, name, note, isDisabled = false }) => (
        <label key={id} data-disabled={isDisabled || undefined}>
          <input type="checkbox" checked={chosen.has(id)} disabled={isDisabled} onChange={() => toggle(id)} />
          <span>
            {name}
            {note && <small>{note}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
