import { showConversation } from '../place'
import { runCommand } from './shortcuts'

/** Opens a conversation with the cursor in its composer: what an agent does after taking one. */
export function startReply(conversationId: string): void {
  showConversation(conversationId)
  setTimeout(() => runCommand('reply'), 0) // once its composer is on screen
}
