import type { FlowSummary } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { useNow } from '../controls/age'
import { Button } from '../controls/button'
import { useStore } from '../use-store'
import { addressOf } from './address'
import { useFlows } from './context'
import { DeletedFlows } from './deleted'
import { NewFlow } from './new-flow'
import { flowName, personName } from './words'

/** The flows with whom they greet, and the tiers nothing greets. */
export function FlowsList({ shown }: { readonly shown: string | null }) {
  const { flows, deleted, unguided, drafts, tierName, texts } = useFlows()
  const words = texts.list
  const kept = useStore(drafts)
  const [isAdding, setIsAdding] = useState<{ tier: string | null } | null>(null)
  const greeting = flows.filter((one) => one.tiers.length)
  const others = flows.filter((one) => !one.tiers.length)
  const known = new Set([...flows, ...deleted].map((one) => one.code))
  const fresh = [...kept.keys()].filter((code) => !known.has(code))
  return (
    <nav className="flows-list" aria-label={words.label}>
      <ul aria-label={words.tiers}>
        {greeting.map((flow) => (
          <Row key={flow.code} flow={flow} isShown={flow.code === shown} />
        ))}
      </ul>
      {(others.length > 0 || fresh.length > 0) && (
        <>
          <h2>{words.others}</h2>
          <ul aria-label={words.others}>
            {fresh.map((code) => (
              <li key={code}>
                <a href={addressOf(code)} aria-current={code === shown ? 'page' : undefined}>
                  <b className="clip">{code}</b>
                  <small className="flows-mark">{words.fresh}</small>
                </a>
              </li>
            ))}
            {others.map((flow) => (
              <Row key={flow.code} flow={flow} isShown={flow.code === shown} />
            ))}
          </ul>
        </>
      )}
      {unguided.length > 0 && (
        <>
          <h2>{words.unguided}</h2>
          <p className="flows-hint">{words.unguidedHint}</p>
          <ul aria-label={words.unguided}>
            {unguided.map((tier) => (
              <li key={tier} className="flows-unguided">
                <span className="clip">{tierName(tier)}</span>
                <Button
                  look="quiet"
                  aria-label={words.newFor(tierName(tier))}
                  onPress={() => setIsAdding({ tier })}
                >
                  <Plus size={14} aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      <Button look="quiet" className="flows-new" onPress={() => setIsAdding({ tier: unguided[0] ?? null })}>
        <Plus size={14} aria-hidden />
        {words.newFlow}
      </Button>
      <DeletedFlows shown={shown} />
      {isAdding && <NewFlow tier={isAdding.tier} onClose={() => setIsAdding(null)} />}
    </nav>
  )
}

const isSameName = (one: string, other: string): boolean =>
  one.replace(/\s/g, '') === other.replace(/\s/g, '')

function Row({ flow, isShown }: { readonly flow: FlowSummary; readonly isShown: boolean }) {
  const { drafts, tierName, texts, locale } = useFlows()
  const hasDraft = useStore(drafts, (kept) => kept.has(flow.code))
  const when = relativeTime(flow.saved_ms, locale, useNow())
  const name = flowName(flow, locale)
  const whom = flow.tiers.map(tierName).filter((tier) => !isSameName(tier, name))
  const idle = flow.is_shared ? texts.list.shared : flow.tiers.length ? null : texts.list.reserve
  return (
    <li>
      <a href={addressOf(flow.code)} aria-current={isShown ? 'page' : undefined}>
        <b className="clip">{name}</b>
        {hasDraft && <small className="flows-mark">{texts.unsaved}</small>}
        {whom.length > 0 && <span className="clip">{whom.join(locale === 'en' ? ', ' : '、')}</span>}
        {idle && <span className="clip">{idle}</span>}
        <small className="clip">
          {texts.list.saved(flow.version, personName(flow.saved_by, texts), when)}
        </small>
      </a>
    </li>
  )
}
