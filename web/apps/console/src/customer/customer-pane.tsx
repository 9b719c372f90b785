import './customer.css'

import type { ContactLeftEvent, ConversationSummary, CustomerCard, PageView } from '@wecc/protocol'
import { clockTime, plainText, relativeTime } from '@wecc/ui'
import { ArrowLeft, BadgeCheck, ShieldQuestionMark } from 'lucide-react'
import type { ReactNode } from 'react'

import { AssistSection } from '../assist/assist-section'
import { useAssistTexts } from '../assist/texts'
import { useNow } from '../controls/age'
import { Button, IconButton } from '../controls/button'
import { CopyButton } from '../controls/copy-button'
import { useTierName, useWorkplace } from '../desk/context'
import type { Thread } from '../desk/thread'
import { showConversation } from '../place'
import { useLocale, useTexts } from '../texts'
import { useStore } from '../use-store'
import { browserName } from './browser-name'
import { Section } from './section'

export interface CustomerPaneProps {
  readonly id: string | null
  readonly onBack: () => void
}

/** Who this is. Source: 2.2-05. */
export function CustomerPane({ id, onBack }: CustomerPaneProps) {
  const { customer: texts, thread } = useTexts()
  const workplace = useWorkplace()
  const opened = useStore(workplace.threads, (threads) => (id === null ? undefined : threads.get(id)))
  return (
    <div className="customer">
      <header className="side-header only-narrow">
        <IconButton icon={ArrowLeft} label={thread.back} onPress={onBack} />
        <h2>{texts.title}</h2>
      </header>
      {opened ? <Opened thread={opened} /> : <p className="list-empty">{texts.none}</p>}
    </div>
  )
}

function Opened({ thread }: { readonly thread: Thread }) {
  const { customer: texts } = useTexts()
  const assist = useAssistTexts()
  const { customer, conversation } = useStore(thread)
  const { events } = useStore(thread.log)
  if (!customer || !conversation) return null
  return (
    <>
      <Section name="assist" title={assist.title}>
        <AssistSection thread={thread} />
      </Section>
      <Section name="who" title={texts.who}>
        <Who
          customer={customer}
          conversation={conversation}
          left={events.filter((event) => event.kind === 'contact_left').at(-1)}
        />
      </Section>
      <Section name="pages" title={texts.pages} count={customer.pages.length}>
        {customer.pages.length ? (
          <Pages pages={customer.pages} />
        ) : (
          <p className="side-empty">{texts.noPages}</p>
        )}
      </Section>
      <Section name="earlier" title={texts.earlier} count={customer.earlier.length}>
        {customer.earlier.length ? (
          <Earlier conversations={customer.earlier} />
        ) : (
          <p className="side-empty">{texts.noEarlier}</p>
        )}
      </Section>
    </>
  )
}

interface WhoProps {
  readonly customer: CustomerCard
  readonly conversation: ConversationSummary
  readonly left: ContactLeftEvent | undefined
}

function Who({ customer, conversation, left }: WhoProps) {
  const { customer: texts, list } = useTexts()
  const locale = useLocale()
  const tierName = useTierName()
  const { visitor, tiers } = customer
  const Mark = visitor.is_verified ? BadgeCheck : ShieldQuestionMark
  return (
    <>
      <p className="identity" data-verified={visitor.is_verified || undefined}>
        <Mark size={18} aria-hidden />
        <span>
          <b>{visitor.is_verified ? texts.verified : texts.unverified}</b>
          <small>{visitor.is_verified ? texts.verifiedHint : texts.unverifiedHint}</small>
        </span>
      </p>
      <dl className="facts">
        <Fact name={texts.name}>{visitor.name || list.anonymous}</Fact>
        <Fact name={texts.tiers}>
          <ol className="tiers" title={texts.tiersHint}>
            {(tiers.length ? tiers : [conversation.tier]).map((code) => (
              <li key={code}>{tierName(code)}</li>
            ))}
          </ol>
        </Fact>
        {visitor.customer_id && (
          <Fact name={texts.customerId}>
            <span className="figures">{visitor.customer_id}</span>
          </Fact>
        )}
        {customer.phone && (
          <Fact name={texts.phone}>
            <span className="figures">{customer.phone}</span>
          </Fact>
        )}
        {left && (
          <Fact name={texts.contact}>
            <span className="figures">{left.body.contact}</span> <CopyButton text={left.body.contact} />
          </Fact>
        )}
        <Fact name={texts.firstSeen}>{relativeTime(customer.first_seen_ms, locale)}</Fact>
        <Fact name={texts.browser}>
          <span title={customer.user_agent}>{browserName(customer.user_agent) || texts.unknown}</span>
        </Fact>
        <Fact name={texts.language}>{conversation.locale === 'zh-CN' ? texts.zh : texts.en}</Fact>
      </dl>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Pages({ pages }: { readonly pages: readonly PageView[] }) {
  const { customer: texts } = useTexts()
  const locale = useLocale()
  const newest = [...pages].sort((a, b) => b.at_ms - a.at_ms)
  return (
    <ol className="pages">
      {newest.map((page, at) => (
        <li key={`${page.at_ms} ${page.url}`} data-now={at === 0 || undefined}>
          <time className="figures">{clockTime(page.at_ms, locale)}</time>
          <span title={page.url}>
            {page.title || page.url}
            {at === 0 && <em>{texts.now}</em>}
            <small className="clip">{pathOf(page.url)}</small>
          </span>
        </li>
      ))}
    </ol>
  )
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url)

function Earlier({ conversations }: { readonly conversations: readonly ConversationSummary[] }) {
  const texts = useTexts()
  const locale = useLocale()
  const now_ms = useNow()
  return (
    <ul className="earlier">
      {conversations.map((one) => (
        <li key={one.id}>
          <Button look="quiet" onPress={() => showConversation(one.id)}>
            <span>
              {relativeTime(one.started_ms, locale, now_ms)}
              {one.agent && ` · ${one.agent.name}`}
            </span>
            <small className="clip">
              {one.preview ? plainText(one.preview.text) || texts.list.file : ''}
            </small>
          </Button>
        </li>
      ))}
    </ul>
  )
}
