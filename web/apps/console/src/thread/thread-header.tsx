import type { ConversationSummary } from '@wecc/protocol'
import type { LogReader } from '@wecc/realtime'
import {
  ArrowLeft,
  ArrowRightLeft,
  BadgeCheck,
  CircleUserRound,
  Download,
  PanelRight,
  ShieldQuestionMark,
  Undo2,
} from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'

import { Button, Hint, IconButton } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useTierName, useWorkplace } from '../desk/context'
import { keysOf, useCommand } from '../desk/shortcuts'
import { showConversation } from '../place'
import { useLocale, useTexts } from '../texts'

export interface ThreadHeaderProps {
  readonly conversation: ConversationSummary
  readonly log: LogReader
  readonly onTransfer: () => void
  readonly onCustomer: () => void
  readonly isCustomerShown: boolean
}

/** Who this is and how it stands, and what can be done with the whole of it. */
export function ThreadHeader({ conversation, log, onTransfer, onCustomer, isCustomerShown }: ThreadHeaderProps) {
  const texts = useTexts()
  const tierName = useTierName()
  const me = useDesk((desk) => desk.me)
  const role = useDesk((desk) => desk.role)
  const current = useCurrent(conversation)
  const { visitor, status, agent } = conversation
  const isMine = status === 'active' && agent?.id === me.id
  const mayClose = isMine || (status === 'active' && role !== 'agent')
  const closing = useClosing(conversation.id, log)
  useCommand('transfer', isMine ? onTransfer : null)
  useCommand('closeConversation', mayClose ? closing.ask : null)
  const verified = visitor.is_verified ? texts.list.verified : texts.list.unverified

  return (
    <>
      <header className="thread-header">
        <IconButton
          icon={ArrowLeft}
          label={texts.thread.back}
          className="only-narrow"
          onPress={() => showConversation(null)}
        />
        <div className="thread-who">
          <h1 className="clip">{visitor.name || texts.list.anonymous}</h1>
          {visitor.is_verified ? (
            <BadgeCheck className="verified" size={15} role="img" aria-label={verified}>
              <title>{verified}</title>
            </BadgeCheck>
          ) : (
            <ShieldQuestionMark className="unverified" size={15} role="img" aria-label={verified}>
              <title>{verified}</title>
            </ShieldQuestionMark>
          )}
          <span className="clip thread-tier">{tierName(conversation.tier)}</span>
          <span className="thread-status" data-status={status}>
            {conversation.is_message ? texts.thread.statusMessage : texts.thread.status[status]}
            {agent && agent.id !== me.id && ` · ${agent.name}`}
          </span>
        </div>
        {current && !isMine && (
          <Button onPress={() => showConversation(current)}>
            <Undo2 size={14} aria-hidden />
            {texts.customer.backTo}
          </Button>
        )}
        {isMine && (
          <Hint text={texts.transfer.title} keys={keysOf('transfer')}>
            <Button onPress={onTransfer}>
              <ArrowRightLeft size={14} aria-hidden />
              {texts.header.transfer}
            </Button>
          </Hint>
        )}
        {mayClose && (
          <Hint text={texts.header.close} keys={keysOf('closeConversation')}>
            <Button onPress={closing.ask} isPending={closing.isBusy}>
              {closing.isBusy ? texts.header.closing : texts.header.close}
            </Button>
          </Hint>
        )}
        <TranscriptMenu id={conversation.id} />
        <IconButton
          icon={PanelRight}
          label={isCustomerShown ? texts.customer.collapse : texts.customer.expand}
          keys={keysOf('customer')}
          className="only-wide"
          aria-pressed={isCustomerShown}
          onPress={onCustomer}
        />
        <IconButton
          icon={CircleUserRound}
          label={texts.header.customer}
          className="only-narrow"
          onPress={onCustomer}
        />
      </header>
      {(closing.isAsking || closing.error !== null) && (
        <div className="thread-ask" role="alertdialog" aria-label={texts.header.close}>
          <p>{closing.error === null ? texts.header.closeAsk : errorText(closing.error, texts)}</p>
          <Button look="danger" autoFocus onPress={closing.confirm}>
            {texts.header.closeConfirm}
          </Button>
          <Button look="quiet" onPress={closing.cancel}>
            {texts.header.cancel}
          </Button>
        </div>
      )}
    </>
  )
}

/** The conversation that one has with this customer now, while reading another of his. */
function useCurrent({ id, visitor }: ConversationSummary): string | null {
  return useDesk(({ conversations, me }) => {
    for (const one of conversations.values()) {
      const isSame =
        one.visitor.id === visitor.id ||
        (visitor.customer_id !== '' && one.visitor.customer_id === visitor.customer_id)
      if (isSame && one.id !== id && one.status === 'active' && one.agent?.id === me.id) return one.id
    }
    return null
  })
}

/** Closing asks back only while the visitor's last words have no answer. */
function useClosing(id: string, log: LogReader) {
  const workplace = useWorkplace()
  const [isAsking, setIsAsking] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const confirm = async () => {
    setIsAsking(false)
    setIsBusy(true)
    setError(null)
    try {
      await workplace.closeConversation(id)
    } catch (thrown) {
      setError(thrown)
    }
    setIsBusy(false)
  }
  const cancel = () => {
    setIsAsking(false)
    setError(null)
  }
  useCommand('back', isAsking ? cancel : null)
  return {
    isAsking,
    isBusy,
    error,
    cancel,
    confirm: () => void confirm(),
    ask: () => (isUnanswered(log) ? setIsAsking(true) : void confirm()),
  }
}

/** The log knows at once what the list's row tells a little later. */
function isUnanswered(log: LogReader): boolean {
  const messages = log.getSnapshot().events.filter(({ kind }) => kind === 'message')
  return messages.at(-1)?.sender.kind === 'visitor'
}

function TranscriptMenu({ id }: { readonly id: string }) {
  const { header } = useTexts()
  const locale = useLocale()
  const address = (format: 'html' | 'text') =>
    `/api/v1/conversations/${id}/transcript?locale=${locale}&format=${format}`
  return (
    <MenuTrigger>
      <IconButton icon={Download} label={header.transcript} />
      <Popover className="popover" placement="bottom end" offset={4}>
        <Menu className="menu" aria-label={header.transcript}>
          <MenuItem className="menu-item" href={address('html')} download="">
            {header.transcriptHtml}
          </MenuItem>
          <MenuItem className="menu-item" href={address('text')} download="">
            {header.transcriptText}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
