import { useState } from 'react'

import { useKnowledge } from './context'
import { Field } from './controls'
import { joined, linesOf, MAX_ALTERNATIVES } from './lines'

export interface AlternativesProps {
  readonly alternatives: readonly string[]
  readonly isReadOnly: boolean
  readonly onChange: (alternatives: readonly string[]) => void
}

/** The same question in other words, one a line: typed or pasted, with or without bullets. */
export function Alternatives({ alternatives, isReadOnly, onChange }: AlternativesProps) {
  const { editor: words } = useKnowledge().texts
  const [typed, setTyped] = useState<string | null>(null)
  const all = typed === null ? alternatives : joined([], linesOf(typed))
  // What is typed stays as it is typed, unless the list became another one.
  const isTyped = typed !== null && all.slice(0, MAX_ALTERNATIVES).join('\n') === alternatives.join('\n')
  const shown = isTyped ? typed : alternatives.join('\n')
  const repeated = isTyped ? linesOf(typed).length - all.length : 0
  const beyond = isTyped ? all.length - alternatives.length : 0

  const type = (text: string) => {
    setTyped(text)
    onChange(joined([], linesOf(text)).slice(0, MAX_ALTERNATIVES))
  }
  return (
    <Field
      label={`${words.alternatives} · ${words.count(alternatives.length, MAX_ALTERNATIVES)}`}
      hint={words.alternativesHint}
      problem={repeated + beyond > 0 ? words.alternativesLeft(repeated, beyond) : null}
    >
      {(attributes) => (
        <textarea
          {...attributes}
          aria-invalid={false}
          className="input kb-lines"
          readOnly={isReadOnly}
          placeholder={words.alternativesPlaceholder}
          value={shown}
          onChange={(event) => type(event.target.value)}
          onBlur={() => setTyped(null)}
        />
      )}
    </Field>
  )
}
