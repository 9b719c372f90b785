import type {
  AgentNotices,
  AgentRef,
  AgentRequests,
  AttachmentView,
  ConversationSummary,
  CustomerCard,
  OpenedConversation,
} from '@wecc/protocol'
import {
  type Connection,
  LogReader,
  Outbox,
  Store,
  TypingSenders,
  TypingSignal,
  Uploads,
  WeccError,
} from '@wecc/realtime'

import { newer } from './state'

export type Line = Connection<AgentRequests, AgentNotices>

/** What the composer hands over: a message to the visitor, or a note for colleagues. */
export interface Draft {
  readonly kind: 'reply' | 'note'
  readonly text: string
  readonly attachments: readonly AttachmentView[]
}

export interface ThreadState {
  /** Null until the server answered for the first time. */
  readonly conversation: ConversationSummary | null
  readonly customer: CustomerCard | null
  readonly error: WeccError | null
}

export const MAX_UPLOAD_BYTES = 20 * 1024 * 1024

/** One conversation as the console holds it: its log, what is on its way, who types. */
export class Thread extends Store<ThreadState> {
  readonly id: string
  readonly log: LogReader
  readonly outbox: Outbox<Draft>
  readonly uploads: Uploads
  readonly typing = new TypingSenders()
  readonly typingSignal: TypingSignal
  readonly #line: Line

  constructor(id: string, me: AgentRef, line: Line, maxUploadBytes: () => number) {
    super({ conversation: null, customer: null, error: null })
    this.id = id
    this.#line = line
    this.log = new LogReader((query) =>
      line.request('conversation:read_log', { conversation_id: id, ...query }),
    )
    this.outbox = new Outbox<Draft>({
      key: `wecc:console:outbox:${me.id}:${id}`,
      send: ({ client_id, draft }) =>
        draft.kind === 'note'
          ? line.request('conversation:add_note', { conversation_id: id, client_id, text: draft.text })
          : line.request('conversation:send_message', {
              conversation_id: id,
              client_id,
              text: draft.text,
              attachment_ids: draft.attachments.map((one) => one.id),
            }),
    })
    this.uploads = new Uploads({ maxBytes: maxUploadBytes })
    this.typingSignal = new TypingSignal((is_typing) => {
      if (line.getSnapshot().kind !== 'online') return
      // ephemeral: one that is lost is not missed
      line.request('conversation:set_typing', { conversation_id: id, is_typing }).catch(() => undefined)
    })
    const self = { kind: 'agent', id: me.id } as const
    this.log.subscribe(() => this.outbox.settle(this.log.getSnapshot().events, self))
    this.outbox.subscribe(() => this.outbox.settle(this.log.getSnapshot().events, self))
  }

  /** Follows the log and reads its newest page; again after every reconnect. Keeps the error, throws nothing. */
  async open(): Promise<ConversationSummary | null> {
    try {
      const opened = await this.#line.request('conversation:open', { conversation_id: this.id })
      return this.accept(opened)
    } catch (thrown) {
      this.set({ ...this.getSnapshot(), error: WeccError.from(thrown) })
      return null
    }
  }

  accept({ conversation, customer, log }: OpenedConversation): ConversationSummary {
    this.log.accept(log)
    this.set({ conversation, customer, error: null })
    this.outbox.resume()
    return conversation
  }

  /** A newer row of the lists. */
  update(conversation: ConversationSummary): void {
    const { conversation: known, ...rest } = this.getSnapshot()
    this.set({ ...rest, conversation: known ? newer(known, conversation) : conversation })
  }

  close(): void {
    this.log.close()
    this.outbox.close()
    this.typingSignal.stop()
    this.typing.clear()
    this.uploads.clear()
  }
}
