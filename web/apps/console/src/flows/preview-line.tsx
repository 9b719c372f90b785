import type { AssistedBody, FieldValue, FlowField } from '@wecc/protocol'
import { Bot, CircleCheck, FileText, UserRoundCheck } from 'lucide-react'
import { useId, useState } from 'react'

import { HandedOver } from '../assist/handed-over'
import { Button } from '../controls/button'
import { useWorkplace } from '../desk/context'
import { Markdown } from '../thread/markdown'
import { useFlows } from './context'
import type { Line } from './turns'

type Answer = { readonly option: string } | { readonly fields: readonly FieldValue[] }

export interface LineViewProps {
  readonly line: Line
  readonly flaws: Readonly<Record<string, string>>
  readonly isBusy: boolean
  readonly onAnswer: (answer: Answer) => void
}

/** One line of the played conversation; the newest step can be answered. */
export function LineView({ line, flaws, isBusy, onAnswer }: LineViewProps) {
  const { preview: words } = useFlows().texts
  const help = useHelp()
  switch (line.kind) {
    case 'theirs':
      return (
        <div className="flows-turn" data-side="theirs">
          <span className="visually-hidden">{words.customer}</span>
          <div className="flows-bubble">
            {line.said.kind === 'text' ? (
              line.said.text
            ) : (
              <dl className="facts">
                {line.said.fields.map(({ label, value }) => (
                  <div key={label}>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        </div>
      )
    case 'ours':
      return (
        <Step step={line.step} flaws={flaws} isOpen={line.isNewest} isBusy={isBusy} onAnswer={onAnswer} />
      )
    case 'handed_over':
      return (
        <div className="flows-end">
          <header>
            <UserRoundCheck size={13} aria-hidden />
            <b>{words.handedOver}</b>
          </header>
          <HandedOver body={line.turn} onOpen={(id) => void open(help(id), '_blank', 'noopener')} />
        </div>
      )
    case 'closed':
      return (
        <p className="flows-end" data-kind="closed">
          <CircleCheck size={13} aria-hidden /> {words.closed}
        </p>
      )
  }
}

/** The address of an article on the customers' page. */
function useHelp(): (articleId: string) => string {
  const { session } = useWorkplace()
  return (articleId) => `/help/${session.center_id}/articles/${articleId}`
}

interface StepProps extends Omit<LineViewProps, 'line'> {
  readonly step: AssistedBody
  readonly isOpen: boolean
}

function Step({ step, flaws, isOpen, isBusy, onAnswer }: StepProps) {
  const { preview: words } = useFlows().texts
  const help = useHelp()
  return (
    <div className="flows-turn" data-side="ours">
      <span className="flows-who">
        <Bot size={12} aria-hidden />
        <code>{step.node || words.flow}</code>
      </span>
      <div className="flows-bubble">
        <Markdown text={step.text} />
      </div>
      {step.articles.length > 0 && (
        <ul className="flows-articles">
          {step.articles.map(({ id, title, snippet }) => (
            <li key={id}>
              <a href={help(id)} target="_blank" rel="noopener">
                <FileText size={13} aria-hidden />
                <span>
                  {title}
                  {snippet && !step.text.includes(title) && <small>{snippet}</small>}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {step.fields.length > 0 && isOpen && (
        <Form key={step.node} fields={step.fields} flaws={flaws} isBusy={isBusy} onAnswer={onAnswer} />
      )}
      {step.options.length > 0 && (
        <div className="flows-options" role="group" aria-label={words.options}>
          {step.options.map(({ id, label, key, kind }) => (
            <Button
              key={id}
              className="flows-option"
              data-kind={kind}
              isDisabled={!isOpen}
              onPress={() => isBusy || onAnswer({ option: id })}
            >
              {label}
              {key && <kbd aria-label={words.key(key)}>{key}</kbd>}
            </Button>
          ))}
        </div>
      )}
    </div>
  )
}

interface FormProps extends Pick<LineViewProps, 'flaws' | 'isBusy' | 'onAnswer'> {
  readonly fields: readonly FlowField[]
}

function Form({ fields, flaws, isBusy, onAnswer }: FormProps) {
  const { preview: words } = useFlows().texts
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  return (
    <form
      className="flows-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        // An empty field, too, tells the engine that the form was sent.
        if (!isBusy) onAnswer({ fields: fields.map(({ name }) => ({ name, value: values[name] ?? '' })) })
      }}
    >
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          flaw={flaws[field.name]}
          onChange={(value) => setValues({ ...values, [field.name]: value })}
        />
      ))}
      <Button type="submit" look="primary">
        {words.sendForm}
      </Button>
    </form>
  )
}

interface FieldProps {
  readonly field: FlowField
  readonly value: string
  readonly flaw: string | undefined
  readonly onChange: (value: string) => void
}

const inputs = {
  text: { type: 'text' },
  phone: { type: 'tel' },
  number: { type: 'text', inputMode: 'decimal' },
  date: { type: 'date' },
} as const

function Field({
  field: { label, kind, is_required, options, max_chars },
  value,
  flaw,
  onChange,
}: FieldProps) {
  const { preview: words } = useFlows().texts
  const id = useId()
  const common = {
    id,
    value,
    className: 'input',
    'aria-required': is_required,
    'aria-invalid': flaw !== undefined,
    'aria-describedby': flaw ? `${id}-flaw` : undefined,
    onChange: (event: { readonly target: { readonly value: string } }) => onChange(event.target.value),
  }
  return (
    <p>
      <label htmlFor={id}>
        {label} {!is_required && <small>{words.optional}</small>}
      </label>
      {kind === 'choice' ? (
        <select {...common}>
          <option value="">{words.choose}</option>
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
        <span id={`${id}-flaw`} className="flows-wrong" role="alert">
          {words.flaws[flaw] ?? flaw}
        </span>
      )}
    </p>
  )
}
