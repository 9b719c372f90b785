import type { Audience } from '@wecc/protocol'
import { useId } from 'react'

import { nameIn, useKnowledge } from './context'
import { Checks } from './controls'

const kinds = ['public', 'tiers', 'agents'] as const

export interface AudienceFieldProps {
  readonly audience: Audience
  readonly onChange: (audience: Audience) => void
}

/** Who may read: everybody, customers of some tiers, agents of some groups. Source: 3.3.1-05, 3.2.2-13. */
export function AudienceField({ audience, onChange }: AudienceFieldProps) {
  const { texts, tiers, groups, locale } = useKnowledge()
  const words = texts.editor
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
      {audience.kind === 'agents' && (
        <Checks
          legend={words.audienceGroups}
          options={withUnknown(
            groups.map((group) => ({ id: group.code, name: nameIn(locale, group) })),
            audience.codes,
          )}
          chosen={chosen}
          onChoose={choose}
        />
      )}
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
