import type { FlowView } from '@wecc/protocol'
import { http, WeccError } from '@wecc/realtime'
import { useId, useState } from 'react'

import { Ask } from '../controls/ask'
import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { showFlow } from './address'
import { useFlows } from './context'
import { at } from './editor'
import { copyOf, freeCode } from './head'
import { flowName } from './words'

const CODE = /^[a-z][a-z0-9_]{0,39}$/
/** Addresses of the editor's own. */
const RESERVED = new Set(['entry', 'check', 'preview'])

export interface NewFlowProps {
  readonly tier: string | null
  readonly onClose: () => void
}

/** A new flow begins as a copy of another, for a tier without one or in reserve. */
export function NewFlow({ tier: first, onClose }: NewFlowProps) {
  const { flows, deleted, unguided, tiers, tierName, drafts, texts, locale } = useFlows()
  const words = texts.fresh
  const all = useTexts()
  const kept = useStore(drafts)
  const taken = new Set([...[...flows, ...deleted].map((one) => one.code), ...kept.keys(), ...RESERVED])
  const copied = flows.filter((one) => one.tiers.length)
  const proposed = (code: string) => ({
    code: freeCode(code || 'flow', taken),
    zh: tiers.find((one) => one.code === code)?.name_zh ?? '',
    en: tiers.find((one) => one.code === code)?.name_en ?? '',
  })
  const [tier, setTier] = useState(first ?? '')
  const [from, setFrom] = useState(copied[0]?.code ?? '')
  const [named, setNamed] = useState(() => proposed(first ?? ''))
  const [isChecked, setIsChecked] = useState(false)
  const [error, setError] = useState<WeccError | null>(null)
  const id = useId()

  const isTaken = taken.has(named.code)
  const codeProblem = !CODE.test(named.code) ? words.codeInvalid : isTaken ? words.codeTaken : null
  const nameProblem = named.zh.trim() && named.en.trim() ? null : words.nameMissing
  const create = async () => {
    setIsChecked(true)
    if (codeProblem || nameProblem) return
    try {
      const view = await http<FlowView>(at(from))
      const { code, zh, en } = named
      const names = { code, name_zh: zh.trim(), name_en: en.trim(), tiers: tier ? [tier] : [] }
      drafts.put(code, { baseVersion: 0, source: copyOf(view.source, names), comment: '' })
      onClose()
      showFlow(code)
    } catch (thrown) {
      setError(WeccError.from(thrown))
    }
  }
  const field = (key: 'code' | 'zh' | 'en', label: string, problem: string | null) => (
    <label className="flows-field">
      {label}
      <input
        className="input"
        value={named[key]}
        maxLength={80}
        autoFocus={key === 'code'}
        spellCheck={key !== 'code'}
        aria-invalid={isChecked && problem !== null}
        aria-describedby={`${id}-${key}`}
        onChange={(event) => setNamed({ ...named, [key]: event.target.value })}
      />
      <small id={`${id}-${key}`} data-wrong={(isChecked && problem !== null) || undefined}>
        {isChecked && problem ? problem : key === 'code' ? words.codeHint : ''}
      </small>
    </label>
  )
  return (
    <Ask
      title={words.title}
      text={words.intro}
      confirm={words.create}
      onConfirm={() => void create()}
      onClose={onClose}
    >
      <label className="flows-field">
        {words.tier}
        <select
          className="input"
          value={tier}
          onChange={(event) => {
            setTier(event.target.value)
            setNamed(proposed(event.target.value))
          }}
        >
          {unguided.map((code) => (
            <option key={code} value={code}>
              {tierName(code)}
            </option>
          ))}
          <option value="">{words.noTier}</option>
        </select>
      </label>
      <label className="flows-field">
        {words.from}
        <select className="input" value={from} onChange={(event) => setFrom(event.target.value)}>
          {copied.map((one) => (
            <option key={one.code} value={one.code}>
              {flowName(one, locale)}
            </option>
          ))}
        </select>
      </label>
      {field('code', words.code, codeProblem)}
      {field('zh', words.nameZh, named.zh.trim() ? null : nameProblem)}
      {field('en', words.nameEn, named.en.trim() ? null : nameProblem)}
      {error && (
        <p className="problem" role="alert">
          {errorText(error, all)}
        </p>
      )}
    </Ask>
  )
}
