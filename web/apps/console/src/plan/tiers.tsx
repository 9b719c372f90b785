import { Plus } from 'lucide-react'

import { Button } from '../controls/button'
import { showPart } from './address'
import { usePlan } from './context'
import { Choice, NumberField, Part, PartProblems, Switch } from './controls'
import { without } from './fields'
import { numbers } from './rules'
import { roundSpan } from './words'

/** Beside chat, which the table has. A message can always be left; the others are promised or not. */
const CHANNELS = ['message', 'voice', 'callback'] as const

/** What each tier is promised, and how it is served. Source: 2.4.3-01, 2.4.3-02, 2.3-21 … 2.3-26. */
export function TiersSection({ item }: { readonly item: string | null }) {
  const { editing, texts, names } = usePlan()
  const words = texts.tiers
  const head = useHead()
  const hours = useHoursOptions()
  const { tiers } = editing.plan
  return (
    <>
      <h2>{words.title}</h2>
      <p className="plan-intro">{words.intro}</p>
      <div className="plan-table-scroll">
        <table className="plan-table">
          <thead>
            <tr>
              <th scope="col">{words.tier}</th>
              <th scope="col">{head('target_percent')}</th>
              <th scope="col">{head('threshold_s')}</th>
              <th scope="col">{head('window_min')}</th>
              <th scope="col">{texts.fields['tiers.*.targets.*.abandons']}</th>
              <th scope="col">{texts.fields['tiers.*.max_waiting']}</th>
              <th scope="col">{texts.fields['tiers.*.hours']}</th>
              <th scope="col">{texts.fields['tiers.*.is_subordinate']}</th>
            </tr>
          </thead>
          <tbody>
            {tiers.map(({ code }) => {
              const at = `tiers.${code}`
              const named = (kind: string) => `${names.tier(code)} · ${texts.fields[kind]}`
              return (
                <tr key={code} data-chosen={code === item || undefined}>
                  <th scope="row">
                    <button
                      type="button"
                      className="plan-open"
                      aria-expanded={code === item}
                      onClick={() => showPart('tiers', code === item ? null : code)}
                    >
                      {names.tier(code)}
                    </button>
                    <PartProblems path={at} />
                  </th>
                  {(['target_percent', 'threshold_s', 'window_min'] as const).map((key) => (
                    <td key={key}>
                      <NumberField
                        isCell
                        path={`${at}.targets.chat.${key}`}
                        label={named(`tiers.*.targets.*.${key}`)}
                      />
                    </td>
                  ))}
                  <td>
                    <Choice
                      isCell
                      path={`${at}.targets.chat.abandons`}
                      label={named('tiers.*.targets.*.abandons')}
                      options={Object.entries(texts.abandons)}
                    />
                  </td>
                  <td>
                    <NumberField isCell path={`${at}.max_waiting`} label={named('tiers.*.max_waiting')} />
                  </td>
                  <td>
                    <Choice isCell path={`${at}.hours`} label={named('tiers.*.hours')} options={hours} />
                  </td>
                  <td>
                    <Switch isCell path={`${at}.is_subordinate`} label={named('tiers.*.is_subordinate')} />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {tiers.some(({ code }) => code === item) ? (
        <TierDetails key={item} code={item!} />
      ) : (
        <p className="plan-hint">{words.pick}</p>
      )}
      <dl className="plan-glossary">
        {Object.entries(words.abandonsHints).map(([key, hint]) => (
          <div key={key}>
            <dt>{texts.abandons[key]}</dt>
            <dd>{hint}</dd>
          </div>
        ))}
        <div>
          <dt>{texts.fields['tiers.*.max_waiting']}</dt>
          <dd>{words.accessHint}</dd>
        </div>
        <div>
          <dt>{texts.fields['tiers.*.is_subordinate']}</dt>
          <dd>{words.subordinateHint}</dd>
        </div>
      </dl>
    </>
  )
}

function TierDetails({ code }: { readonly code: string }) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.tiers
  const at = `tiers.${code}`
  const head = useHead()
  const targets = editing.plan.tiers.find((one) => one.code === code)!.targets
  const abandons = Object.entries(texts.abandons)
  const groups = editing.plan.groups.filter(
    (one) => one.tiers.includes(code) || one.widened.some(({ tier }) => tier === code),
  )
  const promise = (channel: string) => {
    const model = targets.find((one) => one.channel === 'chat') ?? targets[0]
    editor.edit({
      [`${at}.targets.${channel}.target_percent`]: model?.target_percent ?? 80,
      [`${at}.targets.${channel}.threshold_s`]: model?.threshold_s ?? 20,
      [`${at}.targets.${channel}.window_min`]: model?.window_min ?? 30,
      [`${at}.targets.${channel}.abandons`]: model?.abandons ?? 'negative',
    })
  }
  return (
    <section className="plan-details" aria-label={words.details(names.tier(code))}>
      <h3>{words.details(names.tier(code))}</h3>
      <p className="plan-hint">
        {groups.length
          ? words.served(texts.list(groups.map((one) => names.group(one.code))))
          : words.servedByNone}
      </p>
      <Part title={words.targets} hint={words.targetsHint}>
        <div className="plan-table-scroll">
          <table className="plan-table">
            <thead>
              <tr>
                <th scope="col">{words.channel}</th>
                <th scope="col">{head('target_percent')}</th>
                <th scope="col">{head('threshold_s')}</th>
                <th scope="col">{head('window_min')}</th>
                <th scope="col">{texts.fields['tiers.*.targets.*.abandons']}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {CHANNELS.map((channel) => {
                const path = `${at}.targets.${channel}`
                const target = targets.find((one) => one.channel === channel)
                const name = texts.channels[channel]!
                const named = (key: string) => `${name} · ${texts.fields[`tiers.*.targets.*.${key}`]}`
                if (!target)
                  return (
                    <tr key={channel}>
                      <th scope="row">{name}</th>
                      <td colSpan={4} className="plan-faint">
                        {words.noTarget}
                        <PartProblems path={path} />
                      </td>
                      <td className="plan-table-actions">
                        <Button
                          look="quiet"
                          aria-label={words.addTarget(name)}
                          onPress={() => promise(channel)}
                        >
                          <Plus size={14} aria-hidden />
                          {words.addTarget(name)}
                        </Button>
                      </td>
                    </tr>
                  )
                return (
                  <tr key={channel}>
                    <th scope="row">{name}</th>
                    <td>
                      <NumberField isCell path={`${path}.target_percent`} label={named('target_percent')} />
                    </td>
                    <td>
                      <NumberField isCell path={`${path}.threshold_s`} label={named('threshold_s')} />
                      <Equals span_s={target.threshold_s} />
                    </td>
                    <td>
                      <NumberField isCell path={`${path}.window_min`} label={named('window_min')} />
                      <Equals span_s={target.window_min * 60} isMinutes />
                    </td>
                    <td>
                      <Choice isCell path={`${path}.abandons`} label={named('abandons')} options={abandons} />
                    </td>
                    <td className="plan-table-actions">
                      {channel !== 'message' && (
                        <Button look="quiet" onPress={() => editor.edit(without(editing.draft, path))}>
                          {words.removeTarget(name)}
                        </Button>
                      )}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      </Part>
      <Part title={words.care}>
        <NumberField path={`${at}.max_share_percent`} hint={words.accessHint} />
        <NumberField path={`${at}.manager_wait_s`} hint={words.managerHint} />
        <NumberField path={`${at}.last_agent_min`} hint={words.lastAgentHint} />
      </Part>
    </section>
  )
}

/** A long span once more in a larger unit. */
function Equals({ span_s, isMinutes = false }: { readonly span_s: number; readonly isMinutes?: boolean }) {
  const { texts } = usePlan()
  const text = isMinutes && span_s < 3600 ? '' : roundSpan(span_s, texts)
  return text ? <small className="plan-faint">{texts.tiers.equals(text)}</small> : null
}

/** A column's name with its unit. */
function useHead() {
  const { texts } = usePlan()
  return (key: 'target_percent' | 'threshold_s' | 'window_min') => {
    const kind = `tiers.*.targets.*.${key}`
    return texts.withUnit(texts.fields[kind]!, texts.unitNames[numbers[kind]!.unit])
  }
}

function useHoursOptions() {
  const { editing, names, texts } = usePlan()
  return [
    ['', texts.always],
    ...editing.plan.hours.map(({ code }) => [code, names.hours(code)] as const),
  ] as const
}
