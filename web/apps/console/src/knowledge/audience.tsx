import type { Audience } from '@wecc/protocol'
import { useEffect, useId, useState } from 'react'

import { useWorkplace } from '../desk/context'
import { nameIn, useKnowledge } from './context'
import { Checks, Field } from './controls'

const kinds = ['public', 'tiers', 'agents'] as const

export interface AudienceFieldProps {
  readonly audience: Audience
  readonly onChange: (audience: Audience) => void
}

/** Who may read: everybody, customers of some tiers, agents of some groups. Source: 3.3.1-05, 3.2.2-13. */
export function AudienceField({ audience, onChange }: AudienceFieldProps) {
  const { texts, tiers, locale } = useKnowledge()
  const words = texts.editor
  const groups = useGroups()
  const name = useId()
  const chosen = new Set(audience.codes)
  const choose = (codes: ReadonlySet<string>) => onChange({ ...audience, codes: [...codes] })
  return (
    <div className="kb-audience">
      <fieldset className="kb-radios">
        <legend>{words.audience}</legend>
        {kinds.map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name={name}
              checked={audience.kind === kind}
              onChange={() => onChange({ kind, codes: [] })}
            />
            {words.audiences[kind]}
          </label>
        ))}
      </fieldset>
      {audience.kind === 'tiers' && (
        <>
          <Checks
            legend={words.audienceTiers}
            options={withUnknown(
              tiers.map((tier) => ({ id: tier.code, name: nameIn(locale, tier) })),
              audience.codes,
            )}
            chosen={chosen}
            onChoose={choose}
          />
          {chosen.size === 0 && <p className="kb-wrong">{words.noTiers}</p>}
        </>
      )}
      {audience.kind === 'agents' &&
        (groups ? (
          <Checks
            legend={words.audienceGroups}
            options={withUnknown(
              groups.map((group) => ({ id: group.code, name: nameIn(locale, group) })),
              audience.codes,
            )}
            chosen={chosen}
            onChoose={choose}
          />
        ) : (
          <Codes codes={audience.codes} onChange={(codes) => onChange({ ...audience, codes })} />
        ))}
    </div>
  )
}

interface Option {
  readonly id: string
  readonly name: string
}

/** What is chosen although it is not among the options any more is shown, not hidden. */
const withUnknown = (options: readonly Option[], codes: readonly string[]): readonly Option[] => [
  ...options,
  ...codes
    .filter((code) => !options.some((one) => one.id === code))
    .map((code) => ({ id: code, name: code })),
]

interface CodesProps {
  readonly codes: readonly string[]
  readonly onChange: (codes: readonly string[]) => void
}

function Codes({ codes, onChange }: CodesProps) {
  const { editor: words } = useKnowledge().texts
  const [text, setText] = useState(codes.join('，'))
  const read = (typed: string) => typed.split(/[\s,，、;；]+/).filter(Boolean)
  return (
    <Field label={words.audienceGroups} hint={words.audienceGroupsHint}>
      {(attributes) => (
        <input
          {...attributes}
          className="input"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            onChange(read(event.target.value))
          }}
        />
      )}
    </Field>
  )
}

interface Group {
  readonly code: string
  readonly name_zh: string
  readonly name_en: string
}

/** The agent groups of the routing plan, for those who may see it; null for others and until they are read. */
function useGroups(): readonly Group[] | null {
  const { line, session } = useWorkplace()
  const [groups, setGroups] = useState<readonly Group[] | null>(null)
  const isLeading = session.role !== 'agent'
  useEffect(() => {
    if (!isLeading) return
    let isShown = true
    line.request('plan:read', {}).then(
      ({ plan }) => isShown && setGroups(plan.groups),
      () => undefined, // codes can be typed
    )
    return () => void (isShown = false)
  }, [line, isLeading])
  return groups
}
