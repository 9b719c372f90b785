import { Radio, RadioGroup } from 'react-aria-components'

import { fieldId, useField, usePlan } from './context'
import { NumberField, Part, Switch } from './controls'

const policies = ['gap', 'gap_live', 'vip_strict', 'fifo'] as const
const choices = ['least_occupied', 'longest_idle', 'most_skilled'] as const

/** Who comes next, and who gets him. Source: 2.4.3-05 … 2.4.3-08. */
export function PolicySection() {
  const { texts } = usePlan()
  const words = texts.policy
  const policy = useField<(typeof policies)[number]>('policy')
  const choice = useField<(typeof choices)[number]>('agent_choice')
  const isByGap = policy.value === 'gap' || policy.value === 'gap_live'
  return (
    <>
      <h2>{words.title}</h2>
      <p className="plan-intro">{words.intro}</p>
      <RadioGroup
        id={fieldId('policy')}
        className="plan-cards"
        aria-label={texts.fields.policy!}
        value={policy.value}
        onChange={(value) => policy.set(value as typeof policy.value)}
      >
        {policies.map((name) => (
          <Radio key={name} value={name} className="plan-card">
            <b>
              {words.names[name]}
              {name === 'gap_live' && <small>{words.recommended}</small>}
            </b>
            <span>{words.what[name]}</span>
            <span className="plan-price">{words.price[name]}</span>
          </Radio>
        ))}
      </RadioGroup>
      <p className="plan-hint">{words.figures}</p>
      {policy.value === 'gap_live' && (
        <NumberField path="late_turn" label={words.lateTurn} hint={words.lateTurnHint} />
      )}
      <Part title={words.flags} hint={isByGap ? words.flagsNote : words.onlyGap}>
        <fieldset className="plan-fieldset" disabled={!isByGap}>
          <legend className="visually-hidden">{words.flags}</legend>
          <Switch path="favours_high_target_when_met" label={words.whenMet} warning={words.whenMetWarning} />
          <Switch
            path="favours_high_target_when_missed"
            label={words.whenMissed}
            warning={words.whenMissedWarning}
          />
        </fieldset>
      </Part>
      <Part title={words.choice}>
        <RadioGroup
          id={fieldId('agent_choice')}
          className="plan-cards"
          aria-label={words.choice}
          value={choice.value}
          onChange={(value) => choice.set(value as typeof choice.value)}
        >
          {choices.map((name) => (
            <Radio key={name} value={name} className="plan-card plan-card-small">
              <b>{words.choices[name]}</b>
              <span>{words.choiceHints[name]}</span>
            </Radio>
          ))}
        </RadioGroup>
      </Part>
      <Part title={words.offering}>
        <NumberField path="offer_timeout_s" hint={words.offer_timeout_sHint} />
        <NumberField path="max_misses" label={words.max_misses} />
        <NumberField path="wrap_up_s" hint={words.wrap_up_sHint} />
      </Part>
    </>
  )
}
