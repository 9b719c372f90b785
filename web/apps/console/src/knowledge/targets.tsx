import type { TargetList, TargetText, TargetView } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { Plus, TriangleAlert } from 'lucide-react'
import { useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { useHaste, useReading } from '../reading'
import { showPart } from './address'
import { AudienceField } from './audience'
import { audienceText } from './content'
import { nameIn, troubleText, useKnowledge } from './context'
import { Field, Problem, Waiting } from './controls'
import { at, send, useAct } from './use-act'

const NEW_TARGET = 'new'
const CODE = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** Where published articles are copied to, and how that goes. Source: 3.2.2-12, 3.2.2-13. */
export function TargetsSection({ item }: { readonly item: string | null }) {
  const { texts, rights, locale, tiers, groups } = useKnowledge()
  const words = texts.targets
  const reading = useReading<TargetList>(at('targets'))
  const isUnderWay = reading.value?.targets.some(
    (one) => one.is_enabled && !one.error && one.checked_ms === 0,
  )
  useHaste(reading, isUnderWay ?? false)
  if (!reading.value) return <Waiting reading={reading} />
  const { targets } = reading.value
  const open = targets.find((one) => one.code === item) ?? null
  return (
    <>
      <header className="kb-head">
        <h2>{words.title}</h2>
        {rights.is_administrator && (
          <Button onPress={() => showPart('targets', NEW_TARGET)}>
            <Plus size={14} aria-hidden />
            {words.add}
          </Button>
        )}
      </header>
      <p className="kb-intro">{words.intro}</p>
      {targets.length === 0 ? (
        <p className="kb-hint">{words.none}</p>
      ) : (
        <div className="kb-table-scroll">
          <table className="kb-table">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.health}</th>
                <th scope="col">{words.articles}</th>
                <th scope="col">{words.audience}</th>
                <th scope="col">{words.root}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {targets.map((target) => (
                <tr key={target.id} data-chosen={target.code === item || undefined}>
                  <th scope="row">
                    {nameIn(locale, target)} <small>{target.code}</small>
                    {target.is_default && <small className="kb-live">{words.isDefault}</small>}
                  </th>
                  <td>
                    <Health target={target} />
                  </td>
                  <td className="figures">{target.articles}</td>
                  <td>{audienceText(target.audience, { texts, locale, tiers, groups })}</td>
                  <td>
                    {words.kinds[target.kind]} <code className="kb-root">{target.root}</code>
                  </td>
                  <td className="kb-table-actions">
                    {rights.is_administrator && <TargetActions target={target} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(open || item === NEW_TARGET) && rights.is_administrator && <TargetForm key={item} target={open} />}
    </>
  )
}

function Health({ target }: { readonly target: TargetView }) {
  const { texts, locale } = useKnowledge()
  const words = texts.targets
  if (!target.is_enabled) return <span className="kb-faint">{words.disabled}</span>
  return (
    <>
      {target.error ? (
        <span className="kb-wrong">
          <TriangleAlert size={12} aria-hidden /> {words.error(troubleText(target.error, texts))}
        </span>
      ) : target.checked_ms === 0 ? (
        <span className="kb-faint">{words.checking}</span>
      ) : (
        <span className="kb-ok">{words.ok(relativeTime(target.checked_ms, locale))}</span>
      )}
      {target.pending > 0 && <small className="kb-pending">{words.pending(target.pending)}</small>}
    </>
  )
}

function TargetActions({ target }: { readonly target: TargetView }) {
  const { texts, locale, say } = useKnowledge()
  const words = texts.targets
  const { isBusy, error, act } = useAct()
  const check = () =>
    act(async () => {
      await send('POST', `targets/${target.code}/check`)
      say(words.checkAsked(nameIn(locale, target)))
    })
  return (
    <>
      <Button isPending={isBusy} isDisabled={!target.is_enabled} onPress={() => void check()}>
        {words.check}
      </Button>
      <Button look="quiet" onPress={() => showPart('targets', target.code)}>
        {words.edit}
      </Button>
      <Problem error={error} />
    </>
  )
}

const empty: TargetText = {
  code: '',
  name_zh: '',
  name_en: '',
  kind: 'directory',
  root: '',
  audience: { kind: 'public', codes: [] },
  is_default: false,
  is_enabled: true,
}

function TargetForm({ target }: { readonly target: TargetView | null }) {
  const { texts, locale, say } = useKnowledge()
  const words = texts.targets
  const [text, setText] = useState<TargetText>(target ? textOf(target) : empty)
  const [isAsking, setIsAsking] = useState(false)
  const saving = useAct()
  const removing = useAct()
  const set = (part: Partial<TargetText>) => setText((was) => ({ ...was, ...part }))
  const isCodeBad = text.code !== '' && !CODE.test(text.code)
  const isReady = CODE.test(text.code) && text.name_zh.trim() !== '' && text.root.trim() !== ''
  const save = async () => {
    const isDone = await saving.act(() => send('PUT', 'targets', { target: text }))
    if (!isDone) return
    say(words.saved(nameIn(locale, text)))
    showPart('targets')
  }
  const remove = async () => {
    const isDone = await removing.act(() => send('DELETE', `targets/${text.code}`))
    if (!isDone) return
    say(words.removed(nameIn(locale, text)))
    showPart('targets')
  }
  const line = (key: 'name_zh' | 'name_en' | 'root' | 'code', label: string, hint?: string) => (
    <Field label={label} hint={hint} problem={key === 'code' && isCodeBad ? words.badCode : null}>
      {(attributes) => (
        <input
          {...attributes}
          className="input"
          maxLength={key === 'root' ? 500 : 100}
          readOnly={key === 'code' && target !== null}
          autoFocus={key === 'name_zh'}
          value={text[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        />
      )}
    </Field>
  )
  return (
    <form
      className="kb-act"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void save()
      }}
    >
      <h3>{target ? words.editTitle(nameIn(locale, target)) : words.addTitle}</h3>
      <div className="kb-columns">
        {line('name_zh', words.nameZh)}
        {line('name_en', words.nameEn)}
        {line('code', words.code, words.codeHint)}
        <Field label={words.kind}>
          {(attributes) => (
            <select
              {...attributes}
              className="input"
              value={text.kind}
              onChange={(event) => set({ kind: event.target.value as TargetText['kind'] })}
            >
              <option value="directory">{words.kinds.directory}</option>
              <option value="server">{words.kinds.server}</option>
            </select>
          )}
        </Field>
      </div>
      {line('root', words.root, words.rootHint[text.kind])}
      <AudienceField audience={text.audience} onChange={(audience) => set({ audience })} />
      <div className="kb-checks">
        <label>
          <input
            type="checkbox"
            checked={text.is_default}
            onChange={(event) => set({ is_default: event.target.checked })}
          />
          <span>
            {words.isDefault}
            <small>{words.isDefaultHint}</small>
          </span>
        </label>
        <label>
          <input
            type="checkbox"
            checked={text.is_enabled}
            onChange={(event) => set({ is_enabled: event.target.checked })}
          />
          <span>{words.isEnabled}</span>
        </label>
      </div>
      <Problem error={saving.error} />
      <footer className="kb-actions">
        <Button type="submit" look="primary" isDisabled={!isReady} isPending={saving.isBusy}>
          {texts.save}
        </Button>
        <Button look="quiet" onPress={() => showPart('targets')}>
          {texts.cancel}
        </Button>
        {target && (
          <Button look="quiet" onPress={() => setIsAsking(true)}>
            {words.remove}
          </Button>
        )}
      </footer>
      {isAsking && (
        <Ask
          title={words.removeTitle(nameIn(locale, text))}
          text={words.removeAsk}
          confirm={words.remove}
          look="danger"
          isBusy={removing.isBusy}
          problem={<Problem error={removing.error} />}
          onConfirm={() => void remove()}
          onClose={() => setIsAsking(false)}
        />
      )}
    </form>
  )
}

const textOf = ({
  code,
  name_zh,
  name_en,
  kind,
  root,
  audience,
  is_default,
  is_enabled,
}: TargetView): TargetText => ({
  code,
  name_zh,
  name_en,
  kind,
  root,
  audience,
  is_default,
  is_enabled,
})
