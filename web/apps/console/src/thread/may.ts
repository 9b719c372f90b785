import type { AgentRef, ConversationSummary } from '@wecc/protocol'

import type { Texts } from '../texts'

/** Whether this agent may write to the visitor, and if not, why not in words. */
export function replyHindrance(
  conversation: ConversationSummary,
  me: AgentRef,
  { composer }: Texts,
): string | null {
  if (conversation.status === 'closed') return composer.closed
  if (conversation.status === 'waiting')
    return conversation.is_message ? composer.messagePick : composer.waitingPick
  if (conversation.agent?.id === me.id) return null
  return conversation.agent ? composer.notYours(conversation.agent.name) : composer.nobody
}
