import { type KeyboardEvent, type ReactNode, useState } from 'react'

import { useField, usePlan } from './context'
import { kindOf, type NumberRule, numberOf, numbers } from './rules'
import { noNumber } from './words'

export interface FieldProps {
  readonly path: string
  /** The field's own name when not given. */
  readonly label?: string
  readonly hint?: ReactNode
  /** In a table, whose heads are the labels. */
  readonly isCell?: boolean
}

/** A number of the plan with its unit; wrong ones are told while typing. */
export function NumberField({ path, label, hint, isCell }: FieldProps) {
  const { texts } = usePlan()
  const field = useField<number | null>(path)
  const rule = numbers[kindOf(path)]!
  const [typed, setTyped] = useState<string | null>(null)
  const stored = field.value === null ? '' : String(field.value)
  // What is typed stays as it is typed ("1." on the way to "1.5"), unless the value became another one.
  const shown = typed !== null && numberOf(typed, rule) === field.value ? typed : stored

  const type = (text: string) => {
    const number = numberOf(text, rule)
    if (number === undefined) return
    setTyped(text)
    field.set(number)
  }
  const step = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
    if (by === 0 || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    setTyped(null)
    field.set(within(rule, (field.value ?? rule.low - by) + by))
  }
  return (
    <Framed path={path} label={label} hint={hint} isCell={isCell} field={field}>
      <span className="plan-number">
        <input
          {...attributes(field, isCell ? (label ?? texts.fields[kindOf(path)]) : undefined)}
          className="input figures"
          inputMode={rule.isWhole ? 'numeric' : 'decimal'}
          autoComplete="off"
          placeholder={rule.isOptional ? noNumber(kindOf(path), texts) : undefined}
          value={shown}
          onChange={(event) => type(event.target.value)}
          onKeyDown={step}
          onBlur={() => setTyped(null)}
        />
        {!isCell && rule.unit && <span aria-hidden>{texts.unitNames[rule.unit]}</span>}
      </span>
    </Framed>
  )
}

const within = ({ low, high }: NumberRule, value: number): number => Math.min(high, Math.max(low, value))

export interface TextFieldProps extends FieldProps {
  readonly list?: string
  readonly placeholder?: string
  /** What is stored of what was typed, once the field is left. */
  readonly tidy?: (text: string) => string
}

export function TextField({ path, label, hint, isCell, list, placeholder, tidy }: TextFieldProps) {
  const { texts } = usePlan()
  const field = useField<string>(path)
  return (
    <Framed path={path} label={label} hint={hint} isCell={isCell} field={field}>
      <input
        {...attributes(field, isCell ? (label ?? texts.fields[kindOf(path)]) : undefined)}
        className="input"
        list={list}
        placeholder={placeholder}
        maxLength={300}
        autoComplete="off"
        value={field.value}
        onChange={(event) => field.set(event.target.value)}
        onBlur={() => tidy && field.set(tidy(field.value))}
      />
    </Framed>
  )
}

export interface ChoiceProps extends FieldProps {
  readonly options: readonly (readonly [value: string, name: string])[]
}

export function Choice({ path, label, hint, isCell, options }: ChoiceProps) {
  const { texts } = usePlan()
  const field = useField<string>(path)
  // What the draft says although it cannot be chosen any more is shown, not hidden.
  const isKnown = options.some(([value]) => value === field.value)
  return (
    <Framed path={path} label={label} hint={hint} isCell={isCell} field={field}>
      <select
        {...attributes(field, isCell ? (label ?? texts.fields[kindOf(path)]) : undefined)}
        className="input"
        value={field.value}
        onChange={(event) => field.set(event.target.value)}
      >
        {!isKnown && <option value={field.value}>{field.value}</option>}
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Framed>
  )
}

export interface SwitchProps extends FieldProps {
  readonly warning?: string
}

export function Switch({ path, label, hint, isCell, warning }: SwitchProps) {
  const { texts } = usePlan()
  const field = useField<boolean>(path)
  const name = label ?? texts.fields[kindOf(path)]
  const box = (
    <input
      {...attributes(field, isCell ? name : undefined)}
      type="checkbox"
      className="plan-check"
      checked={field.value}
      onChange={(event) => field.set(event.target.checked)}
    />
  )
  if (isCell)
    return (
      <Framed path={path} label={label} isCell field={field}>
        {box}
      </Framed>
    )
  return (
    <div className="plan-switch" data-changed={field.isChanged || undefined}>
      <label>
        {box}
        <span>{name}</span>
      </label>
      {hint && <p className="plan-hint">{hint}</p>}
      {warning && (
        <p className="plan-hint" data-warning={field.value || undefined}>
          {warning}
        </p>
      )}
    </div>
  )
}

type FieldState = Omit<ReturnType<typeof useField>, 'value' | 'set'>

interface FramedProps {
  readonly path: string
  readonly label: string | undefined
  readonly hint?: ReactNode
  readonly isCell: boolean | undefined
  readonly field: FieldState
  readonly children: ReactNode
}

/** A control with its label, its hint and what is wrong with it. */
function Framed({ path, label, hint, isCell, field, children }: FramedProps) {
  const { texts } = usePlan()
  const wrong = field.problems.length > 0 && (
    <ul className="plan-wrong" id={`${field.id}-wrong`}>
      {field.problems.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  )
  if (isCell)
    return (
      <div className="plan-cell" data-changed={field.isChanged || undefined}>
        {children}
        {wrong}
      </div>
    )
  return (
    <div className="plan-row" data-changed={field.isChanged || undefined}>
      <label htmlFor={field.id}>{label ?? texts.fields[kindOf(path)]}</label>
      <div>
        {children}
        {wrong}
        {hint && <p className="plan-hint">{hint}</p>}
      </div>
    </div>
  )
}

const attributes = (field: FieldState, ariaLabel: string | undefined) => ({
  id: field.id,
  'aria-label': ariaLabel,
  'aria-invalid': field.problems.length > 0 || undefined,
  'aria-describedby': field.problems.length > 0 ? `${field.id}-wrong` : undefined,
})

/** Problems of a part that has no input of its own. */
export function PartProblems({ path }: { readonly path: string }) {
  const { id, problems } = useField(path)
  if (problems.length === 0) return null
  return (
    <ul className="plan-wrong" id={id} tabIndex={-1}>
      {problems.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  )
}

export interface PartProps {
  readonly title: string
  readonly hint?: ReactNode
  readonly children: ReactNode
}

/** Fields that belong together. */
export function Part({ title, hint, children }: PartProps) {
  return (
    <section className="plan-part">
      <h3>{title}</h3>
      {hint && <p className="plan-hint">{hint}</p>}
      {children}
    </section>
  )
}
