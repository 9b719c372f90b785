/** What was typed and not sent, per agent, conversation and kind; survives reloads and the session's end. */
export type ComposerKind = 'reply' | 'note'

const key = (agentId: string, conversationId: string, kind: ComposerKind): string =>
  `wecc:console:draft:${agentId}:${conversationId}:${kind}`

export function readDraft(agentId: string, conversationId: string, kind: ComposerKind): string {
  try {
    return localStorage.getItem(key(agentId, conversationId, kind)) ?? ''
  } catch {
    return ''
  }
}

export function keepDraft(agentId: string, conversationId: string, kind: ComposerKind, text: string): void {
  try {
    if (text) localStorage.setItem(key(agentId, conversationId, kind), text)
    else localStorage.removeItem(key(agentId, conversationId, kind))
  } catch {
    // a full storage costs the reload's safety, not the text on screen
  }
}
