import { Plus, TriangleAlert } from 'lucide-react'

import { Button } from '../controls/button'
import { showField, showPart } from './address'
import { fieldId, useField, usePlan } from './context'
import { Choice, NumberField, Part, PartProblems, TextField } from './controls'
import { type Leaf, without } from './fields'
import { Removal } from './removal'

/** Below so many agents a group needs clearly more idle time. Source: 2.4.1-03. */
export const SMALL_GROUP = 50

/** Agents who may serve a set of tiers. Source: 2.4.1-01. */
export function GroupsSection({ item }: { readonly item: string | null }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.groups
  const { groups } = editing.plan
  const sizes = useGroupSizes()
  const add = () => {
    const code = freeCode('group', groups)
    editor.edit({ [`groups.${code}.name_zh`]: words.newZh, [`groups.${code}.name_en`]: words.newEn })
    showField(`groups.${code}.name_zh`)
  }
  return (
    <>
      <header className="plan-head">
        <h2>{words.title}</h2>
        <Button onPress={add}>
          <Plus size={14} aria-hidden />
          {words.add}
        </Button>
      </header>
      <p className="plan-intro">{words.intro}</p>
      {groups.length === 0 ? (
        <p className="plan-hint">{words.nothing}</p>
      ) : (
        <div className="plan-table-scroll">
          <table className="plan-table">
            <thead>
              <tr>
                <th scope="col">{words.group}</th>
                <th scope="col">{words.agents}</th>
                <th scope="col">{words.serves}</th>
                <th scope="col">{words.overflow}</th>
              </tr>
            </thead>
            <tbody>
              {groups.map((group) => {
                const size = sizes.get(group.code) ?? 0
                return (
                  <tr key={group.code} data-chosen={group.code === item || undefined}>
                    <th scope="row">
                      <button
                        type="button"
                        className="plan-open"
                        aria-expanded={group.code === item}
                        onClick={() => showPart('groups', group.code === item ? null : group.code)}
                      >
                        {names.group(group.code)}
                      </button>
                    </th>
                    <td className="figures">
                      {size}
                      {size < SMALL_GROUP && (
                        <span className="plan-small">
                          <TriangleAlert size={12} aria-hidden />
                          {words.small}
                        </span>
                      )}
                    </td>
                    <td>
                      <Served group={group} />
                    </td>
                    <td>{group.overflow ? names.group(group.overflow.to) : texts.none}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {groups.some(({ code }) => code === item) ? (
        <GroupDetails key={item} code={item!} size={sizes.get(item!) ?? 0} />
      ) : (
        groups.length > 0 && <p className="plan-hint">{words.pick}</p>
      )}
    </>
  )
}

function Served({
  group,
}: {
  readonly group: {
    readonly tiers: readonly string[]
    readonly widened: readonly { readonly tier: string; readonly after_s: number }[]
  }
}) {
  const { texts, names } = usePlan()
  const now = group.tiers.map(names.tier)
  const later = group.widened.map(
    ({ tier, after_s }) => `${names.tier(tier)} (${texts.units.s(String(after_s))})`,
  )
  return <span className="plan-wrap">{texts.list([...now, ...later]) || texts.none}</span>
}

function GroupDetails({ code, size }: { readonly code: string; readonly size: number }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.groups
  const at = `groups.${code}`
  const others = editing.plan.groups.filter((one) => one.code !== code)
  const remove = () => {
    const patch = new Map<string, Leaf | undefined>(without(editing.draft, at))
    for (const path of editing.draft.keys())
      if (path.startsWith('members.') && path.endsWith(`.groups.${code}`)) patch.set(path, undefined)
    for (const other of others)
      if (other.overflow?.to === code)
        for (const path of without(editing.draft, `groups.${other.code}.overflow`).keys())
          patch.set(path, undefined)
    editor.edit(patch)
    showPart('groups')
  }
  return (
    <section className="plan-details" aria-label={words.details(names.group(code))}>
      <header className="plan-head">
        <h3>{words.details(names.group(code))}</h3>
        <Removal
          label={words.remove}
          ask={size ? words.removeAsk(size) : null}
          confirm={words.removeConfirm}
          cancel={words.cancel}
          onRemove={remove}
        />
      </header>
      <Part title={words.names}>
        <TextField path={`${at}.name_zh`} />
        <TextField path={`${at}.name_en`} />
        <p className="plan-hint">
          {words.members(size)}{' '}
          <button type="button" className="plan-link" onClick={() => showPart('agents')}>
            {words.toMembers}
          </button>
        </p>
      </Part>
      <Part title={words.who} hint={words.whoHint}>
        <PartProblems path={`${at}.tiers`} />
        <PartProblems path={`${at}.widened`} />
        <ul className="plan-modes">
          {editing.plan.tiers.map((tier) => (
            <li key={tier.code}>
              <TierMode group={code} tier={tier.code} />
            </li>
          ))}
        </ul>
      </Part>
      <Overflow code={code} others={others.map((one) => one.code)} />
    </section>
  )
}

/** Whether a group serves a tier: at once, for who has waited, or not. */
function TierMode({ group, tier }: { readonly group: string; readonly tier: string }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.groups
  const [now, later] = [`groups.${group}.tiers.${tier}`, `groups.${group}.widened.${tier}`]
  const mode = editing.draft.has(now) ? 'now' : editing.draft.has(later) ? 'later' : 'no'
  const { isChanged } = useField(now)
  const setMode = (next: string) =>
    editor.edit({
      [now]: next === 'now' ? true : undefined,
      [later]: next === 'later' ? (editing.base.get(later) ?? 30) : undefined,
    })
  return (
    <div className="plan-mode" data-changed={isChanged || undefined}>
      <span id={`mode-${group}-${tier}`}>{names.tier(tier)}</span>
      <select
        id={mode === 'later' ? undefined : fieldId(now)}
        className="input"
        aria-label={words.mode(names.tier(tier))}
        value={mode}
        onChange={(event) => setMode(event.target.value)}
      >
        {(['no', 'now', 'later'] as const).map((one) => (
          <option key={one} value={one}>
            {words.modes[one]}
          </option>
        ))}
      </select>
      {mode === 'later' && (
        <>
          <NumberField isCell path={later} label={`${names.tier(tier)} · ${words.modes.later}`} />
          <span aria-hidden>{texts.unitNames.s}</span>
        </>
      )}
    </div>
  )
}

function Overflow({ code, others }: { readonly code: string; readonly others: readonly string[] }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.groups
  const at = `groups.${code}.overflow`
  const isOn = editing.draft.has(`${at}.to`)
  const setTo = (to: string) =>
    editor.edit(
      to
        ? { [`${at}.to`]: to, [`${at}.after_s`]: 60, [`${at}.longer_than`]: null }
        : without(editing.draft, at),
    )
  return (
    <Part title={words.overflow} hint={words.overflowHint}>
      <PartProblems path={at} />
      {isOn ? (
        <>
          <Choice path={`${at}.to`} options={others.map((one) => [one, names.group(one)] as const)} />
          <NumberField path={`${at}.after_s`} />
          <NumberField path={`${at}.longer_than`} hint={words.overflowRule} />
          <Button look="quiet" onPress={() => setTo('')}>
            {words.overflowNone}
          </Button>
        </>
      ) : (
        <div className="plan-row">
          <label htmlFor={fieldId(at)}>{texts.fields['groups.*.overflow.to']}</label>
          <div>
            <select
              id={fieldId(at)}
              className="input"
              value=""
              onChange={(event) => setTo(event.target.value)}
            >
              <option value="">{words.overflowNone}</option>
              {others.map((one) => (
                <option key={one} value={one}>
                  {names.group(one)}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
    </Part>
  )
}

/** How many agents of the draft are in each group. */
export function useGroupSizes(): ReadonlyMap<string, number> {
  const { members } = usePlan().editing.plan
  const sizes = new Map<string, number>()
  for (const { groups } of members)
    for (const { group } of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return sizes
}

/** A code nothing else has: `group_4`. */
export function freeCode(stem: string, taken: readonly { readonly code: string }[]): string {
  const codes = new Set(taken.map(({ code }) => code))
  let n = taken.length + 1
  while (codes.has(`${stem}_${n}`)) n += 1
  return `${stem}_${n}`
}
