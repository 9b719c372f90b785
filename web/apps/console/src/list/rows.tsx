import type { ConversationSummary } from '@wecc/protocol'
import { duration, plainText, relativeTime } from '@wecc/ui'
import { BadgeCheck, Check } from 'lucide-react'
import { useState } from 'react'
import { GridList, GridListItem } from 'react-aria-components'

import { useNow } from '../controls/age'
import { Button, Hint } from '../controls/button'
import { useDesk, useTierName, useWorkplace } from '../desk/context'
import { needSince, type Tab, urgency } from '../desk/order'
import { showConversation } from '../place'
import { type Texts, useLocale, useTexts } from '../texts'
import { useStore } from '../use-store'
import { useIsTyping, useUnread } from './unread'

export interface RowsProps {
  readonly rows: readonly ConversationSummary[]
  readonly openId: string | null
  readonly label: string
  readonly tab: Tab | 'search'
}

export function Rows({ rows, openId, label, tab }: RowsProps) {
  const { list } = useTexts()
  return (
    <GridList
      className="rows"
      aria-label={label}
      items={rows}
      dependencies={[openId, tab]}
      selectionMode="single"
      selectionBehavior="replace"
      selectedKeys={openId === null ? [] : [openId]}
      onSelectionChange={(keys) => {
        const [id] = keys === 'all' ? [] : keys
        if (id !== undefined) showConversation(String(id))
      }}
      onAction={(id) => showConversation(String(id))}
    >
      {(row) => (
        <GridListItem id={row.id} className="row" textValue={row.visitor.name || list.anonymous}>
          <Row row={row} tab={tab} />
        </GridListItem>
      )}
    </GridList>
  )
}

function Row({ row, tab }: { readonly row: ConversationSummary; readonly tab: Tab | 'search' }) {
  const texts = useTexts()
  const tierName = useTierName()
  const myId = useDesk((desk) => desk.me.id)
  const unread = useUnread(row)
  const isTyping = useIsTyping(row.id)
  const isOthers = tab !== 'mine' && row.agent !== null && row.agent.id !== myId
  return (
    <>
      <Gauge row={row} />
      <div className="row-line">
        <strong className="clip row-name">{row.visitor.name || texts.list.anonymous}</strong>
        {row.visitor.is_verified && (
          <BadgeCheck className="verified" size={14} role="img" aria-label={texts.list.verified}>
            <title>{texts.list.verified}</title>
          </BadgeCheck>
        )}
        {row.is_message && <span className="row-message">{texts.list.message}</span>}
        <span className="clip row-tier" title={tierName(row.tier)}>
          {tierName(row.tier)}
        </span>
        <RowAge row={row} />
      </div>
      <div className="row-line">
        {isOthers && <span className="row-agent clip">{texts.list.with(row.agent.name)}</span>}
        {isTyping ? (
          <span className="clip row-preview row-typing">{texts.list.typing}</span>
        ) : (
          <span className="clip row-preview">{previewText(row, myId, texts)}</span>
        )}
        {row.is_wrap_up && row.agent?.id === myId ? (
          <WrapUpButton id={row.id} />
        ) : (
          unread > 0 && (
            <span className="row-unread figures" title={texts.list.unread(unread)}>
              {unread}
              <span className="visually-hidden">{texts.list.unread(unread)}</span>
            </span>
          )
        )}
      </div>
    </>
  )
}

function previewText({ preview, agent }: ConversationSummary, myId: string, { list }: Texts): string {
  if (!preview) return ''
  const who = preview.sender_kind === 'agent' ? (agent?.id === myId ? list.you : list.agentSaid) : ''
  return who + (plainText(preview.text) || list.file)
}

/** How much of the tier's promise is used up, as a rising bar: read from the corner of the eye. */
function Gauge({ row }: { readonly row: ConversationSummary }) {
  const now_ms = useNow()
  const tier = useDesk((desk) => desk.tiers.get(row.tier))
  const since_ms = needSince(row)
  if (since_ms === null || row.is_message) return null
  const { share, level } = urgency(now_ms - since_ms, tier)
  return (
    <span className="gauge" data-level={level} aria-hidden>
      <i style={{ transform: `scaleY(${share})` }} />
    </span>
  )
}

function RowAge({ row }: { readonly row: ConversationSummary }) {
  const { list } = useTexts()
  const locale = useLocale()
  const now_ms = useNow()
  const tier = useDesk((desk) => desk.tiers.get(row.tier))
  if (row.is_wrap_up) {
    const left = row.wrap_up_until_ms === null ? null : duration(row.wrap_up_until_ms - now_ms)
    return <span className="row-age figures">{left === null ? list.wrapUpOpen : list.wrapUp(left)}</span>
  }
  const since_ms = needSince(row)
  if (row.is_message && since_ms !== null)
    return <span className="row-age figures">{relativeTime(since_ms, locale, now_ms)}</span>
  if (since_ms === null)
    return (
      <span className="row-age figures">
        {row.status === 'closed' ? `${list.closed} · ` : ''}
        {relativeTime(row.preview?.at_ms ?? row.started_ms, locale, now_ms)}
      </span>
    )
  const { level } = urgency(now_ms - since_ms, tier)
  const age = duration(now_ms - since_ms)
  return (
    <span className="row-age figures" data-level={level} title={level === 'over' ? list.overdue : undefined}>
      {row.status === 'waiting' ? list.waited(age) : list.unanswered(age)}
    </span>
  )
}

function WrapUpButton({ id }: { readonly id: string }) {
  const { list } = useTexts()
  const workplace = useWorkplace()
  const line = useStore(workplace.line)
  const [isBusy, setIsBusy] = useState(false)
  const end = async () => {
    setIsBusy(true)
    await workplace.endWrapUp(id).catch(() => undefined) // the row stays, and with it the button
    setIsBusy(false)
  }
  return (
    <Hint text={list.doneHint}>
      <Button
        className="row-done"
        isPending={isBusy}
        isDisabled={line.kind !== 'online'}
        onPress={() => void end()}
      >
        <Check size={13} aria-hidden />
        {list.done}
      </Button>
    </Hint>
  )
}
