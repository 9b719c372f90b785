import type { AssistedBody, FlowField } from '@wecc/protocol'
import { useId, useRef, useState } from 'preact/hooks'

import { useLaterWords } from '../later-words'
import { usePanel } from '../panel-context'
import { isRefusedForm } from '../rows'
import { useStore } from '../use-store'
import { flawOf, isFlaw, tidied, type Flaw, type Values } from './fields'

interface Begun {
  readonly node: string
  readonly values: Values
}

/** A step's form. What is filled in stays over a reload, and when it is refused. */
export function StepForm({ step: { node, fields } }: { step: AssistedBody }) {
  const { session } = usePanel()
  const t = useLaterWords()
  const refused = useStore(session.outbox).find(isRefusedForm)
  const [values, setValues] = useState(() => begun(session.begun('form'), node))
  const [isChecked, setChecked] = useState(false)
  const [changed, setChanged] = useState<readonly string[]>([])
  const form = useRef<HTMLFormElement>(null)

  const flaw = (field: FlowField): Flaw | null => {
    const own = isChecked ? flawOf(field, tidied(field, values[field.name])) : null
    const codes = (refused?.error?.data['fields'] ?? {}) as Readonly<Record<string, unknown>>
    const told = changed.includes(field.name) ? undefined : codes[field.name]
    return own ?? (told === undefined ? null : isFlaw(told) ? told : 'unknown')
  }
  const change = (name: string, value: string) => {
    const next = { ...values, [name]: value }
    setValues(next)
    setChanged([...changed, name])
    session.keep('form', JSON.stringify({ node, values: next } satisfies Begun))
  }
  const send = () => {
    setChecked(true)
    const tidy = fields.map((field) => ({ field, value: tidied(field, values[field.name]) }))
    const wrong = tidy.findIndex(({ field, value }) => flawOf(field, value))
    if (wrong >= 0) return form.current?.querySelectorAll<HTMLElement>('[data-field]')[wrong]?.focus()
    setChanged([])
    session.fill(
      tidy.flatMap(({ field: { name, label }, value }) => (value === '' ? [] : [{ name, label, value }])),
    )
  }

  return (
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          flaw={flaw(field)}
          onChange={(value) => change(field.name, value)}
        />
      ))}
      <button type="submit" class="button primary">
        {t('form_send')}
      </button>
    </form>
  )
}

function begun(kept: string, node: string): Values {
  try {
    const { node: of, values } = JSON.parse(kept) as Begun
    return of === node ? values : {}
  } catch {
    return {}
  }
}

interface FieldProps {
  readonly field: FlowField
  readonly value: string
  readonly flaw: Flaw | null
  readonly onChange: (value: string) => void
}

const inputs = {
  text: { type: 'text' },
  phone: { type: 'tel', autocomplete: 'tel' },
  number: { type: 'text', inputMode: 'decimal' },
  date: { type: 'date' },
} as const

function Field({ field: { name, label, kind, is_required, options, max_chars }, value, flaw, onChange }: FieldProps) {
  const t = useLaterWords()
  const id = useId()
  const common = {
    id,
    name,
    value,
    'data-field': name,
    'aria-required': is_required,
    'aria-invalid': flaw !== null,
    'aria-describedby': flaw ? `${id}-flaw` : undefined,
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) => onChange(currentTarget.value),
  }
  return (
    <p class="field">
      <label for={id}>
        {label} {!is_required && <small>{t('form_optional')}</small>}
      </label>
      {kind === 'choice' ? (
        <select {...common}>
          <option value="">{t('form_choose')}</option>
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : kind === 'long_text' ? (
        <textarea {...common} rows={3} maxLength={max_chars} />
      ) : (
        <input {...common} {...inputs[kind]} maxLength={max_chars} />
      )}
      {flaw && (
        <span id={`${id}-flaw`} class="over" role="alert">
          {t(`flaw_${flaw}`, { max: max_chars })}
        </span>
      )}
    </p>
  )
}
