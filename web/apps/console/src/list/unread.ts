import type { ConversationSummary } from '@wecc/protocol'
import { useSyncExternalStore } from 'react'

import { useDesk, useWorkplace } from '../desk/context'
import type { Thread } from '../desk/thread'
import { useStore } from '../use-store'

const nothing = () => () => undefined

function useThread(id: string): Thread | undefined {
  const workplace = useWorkplace()
  return useStore(workplace.threads, (threads) => threads.get(id))
}

/** How many of the visitor's messages in one's own conversation were not read; at least 1 when only that is known. */
export function useUnread(row: ConversationSummary): number {
  const thread = useThread(row.id)
  const isMine = useDesk((desk) => row.agent?.id === desk.me.id)
  const read_seq = row.marks.agent_read_seq
  return useSyncExternalStore(thread?.log.subscribe ?? nothing, () => {
    if (!isMine || row.status !== 'active') return 0
    const events = thread?.log.getSnapshot().events ?? []
    const known = events.filter(
      (event) => event.kind === 'message' && event.sender.kind === 'visitor' && event.seq > read_seq,
    ).length
    return known || Number(row.preview?.sender_kind === 'visitor' && row.last_message_seq > read_seq)
  })
}

export function useIsTyping(id: string): boolean {
  const thread = useThread(id)
  return useSyncExternalStore(
    thread?.typing.subscribe ?? nothing,
    () => thread?.typing.getSnapshot().some((sender) => sender.kind === 'visitor') ?? false,
  )
}
