import {
  type AgentNotices,
  type AgentRequests,
  type AgentSession,
  type CannedReplyList,
  type CenterFace,
  type ConversationList,
  type ListConversations,
  type LogEvent,
  type SetPresence,
} from '@wecc/protocol'
import { Connection, http, Store, WeccError } from '@wecc/realtime'

import beatWorkerUrl from './beat.worker.ts?worker&url'
import { clock } from './clock'
import { isMine } from './order'
import { DeskStore, emptyDesk } from './state'
import { type Line, MAX_UPLOAD_BYTES, Thread } from './thread'

/** How long a card says why its offer is over. */
const GONE_SHOWN_MS = 3_500

/** Told of what an agent should hear of even when he looks elsewhere. */
export interface Attention {
  message(conversationId: string, event: LogEvent & { kind: 'message' }): void
}

/** Everything behind the screen of a signed-in agent: the line, the desk's state, the threads, the actions. */
export class Workplace {
  readonly session: AgentSession
  readonly line: Line
  readonly desk: DeskStore
  readonly threads = new ThreadStore()
  attention: Attention | null = null
  readonly #beat: Worker
  readonly #stopClock: () => void
  #maxUploadBytes = MAX_UPLOAD_BYTES
  #shownId: string | null = null

  constructor(session: AgentSession) {
    this.session = session
    this.line = new Connection<AgentRequests, AgentNotices>({ namespace: '/agent' })
    this.desk = new DeskStore(emptyDesk(session))
    this.#stopClock = clock.start()
    this.#beat = new Worker(beatWorkerUrl, { type: 'module' })
    this.#beat.onmessage = () => {
      if (this.line.getSnapshot().kind === 'online') this.#sendBeat()
    }
    this.#listen()
    this.line.onReady(() => this.#resume())
  }

  open(): void {
    this.line.open()
    void http<CenterFace>(`/api/v1/centers/${this.session.center_id}/face`)
      .then((face) => (this.#maxUploadBytes = face.max_attachment_bytes))
      .catch(() => undefined) // the server checks the size too
  }

  close(): void {
    this.#beat.terminate()
    this.#stopClock()
    for (const thread of this.threads.getSnapshot().values()) thread.close()
    this.line.close()
  }

  /** The thread of a conversation, opened when it is not yet. */
  thread(id: string): Thread {
    const known = this.threads.getSnapshot().get(id)
    if (known) return known
    const thread = new Thread(id, this.session.agent, this.line, () => this.#maxUploadBytes)
    const row = this.desk.getSnapshot().conversations.get(id)
    if (row) thread.update(row)
    this.threads.put(thread)
    if (this.line.getSnapshot().kind === 'online') void this.#openThread(thread)
    return thread
  }

  /** Opens a thread for the screen; returns its leaving. */
  show(id: string): () => void {
    this.#shownId = id
    this.thread(id)
    return () => {
      this.#shownId = null
      this.#letGo(id)
    }
  }

  /** Stops following what is neither on screen nor one's own work, once nothing of it waits to be sent. */
  #letGo(id: string): void {
    if (id === this.#shownId) return
    const thread = this.threads.getSnapshot().get(id)
    const row = this.desk.getSnapshot().conversations.get(id)
    const hasUnsent =
      thread && (thread.outbox.getSnapshot().length > 0 || thread.uploads.getSnapshot().length > 0)
    if (!thread || hasUnsent || (row && isMine(row, this.session.agent.id))) return
    thread.close()
    this.threads.drop(id)
    if (this.line.getSnapshot().kind === 'online')
      this.line.request('conversation:unfollow', { conversation_id: id }).catch(() => undefined)
  }

  async acceptOffer(id: string): Promise<boolean> {
    const card = this.desk.getSnapshot().offers.find((one) => one.offer.conversation.id === id)
    if (!card || card.doing || card.gone !== null) return false
    const { version } = card.offer
    this.desk.change({ type: 'offer_doing', id, doing: 'accept' })
    try {
      const opened = await this.line.request('routing:accept_offer', { conversation_id: id, version })
      this.#takeIn(this.thread(id), opened)
      this.desk.change({ type: 'offer_cleared', id, version })
      return true
    } catch (thrown) {
      this.#offerFailed(id, version, WeccError.from(thrown))
      return false
    }
  }

  async declineOffer(id: string): Promise<void> {
    const card = this.desk.getSnapshot().offers.find((one) => one.offer.conversation.id === id)
    if (!card || card.doing || card.gone !== null) return
    const { version } = card.offer
    this.desk.change({ type: 'offer_doing', id, doing: 'decline' })
    try {
      await this.line.request('routing:decline_offer', { conversation_id: id, version })
      this.#offerGone(id, version, 'declined')
    } catch (thrown) {
      this.#offerFailed(id, version, WeccError.from(thrown))
    }
  }

  async pick(id: string): Promise<void> {
    const opened = await this.line.request('routing:pick_work', { conversation_id: id })
    this.#takeIn(this.thread(id), opened)
  }

  async endWrapUp(id: string): Promise<void> {
    await this.line.request('routing:end_wrap_up', { conversation_id: id })
  }

  async setPresence(presence: SetPresence): Promise<void> {
    this.desk.change({ type: 'presence', presence: await this.line.request('presence:set', presence) })
  }

  async closeConversation(id: string): Promise<void> {
    await this.line.request('conversation:close', { conversation_id: id })
  }

  /** `client_id` is the caller's, kept over his retries: a repeat does nothing twice. */
  async transfer(
    id: string,
    client_id: string,
    to: { agentId: string } | { tier: string },
    note: string,
  ): Promise<void> {
    const target = 'agentId' in to ? { to_agent_id: to.agentId } : { to_tier: to.tier }
    await this.line.request('conversation:transfer', { conversation_id: id, client_id, note, ...target })
  }

  list(query: ListConversations): Promise<ConversationList> {
    return this.line.request('desk:list', query)
  }

  async readCannedReplies(): Promise<void> {
    const { canned_replies } = await http<CannedReplyList>('/api/v1/canned-replies')
    this.desk.change({ type: 'canned_replies', cannedReplies: canned_replies })
  }

  /** Tells the server how far this agent has got in a conversation of his own. */
  mark(id: string, marks: { delivered_seq?: number; read_seq?: number }): void {
    const row = this.desk.getSnapshot().conversations.get(id)
    if (!row || row.agent?.id !== this.session.agent.id || row.status !== 'active') return
    const isNews =
      (marks.delivered_seq ?? 0) > row.marks.agent_delivered_seq ||
      (marks.read_seq ?? 0) > row.marks.agent_read_seq
    if (!isNews) return
    this.line
      .request('conversation:set_marks', { conversation_id: id, ...marks })
      .then((known) => this.desk.change({ type: 'marks', conversation_id: id, marks: known }))
      .catch(() => undefined) // told again with the next event or reconnect
  }

  #sendBeat(): void {
    this.line.request('presence:beat', {}).catch(() => undefined) // the next one is soon
  }

  #listen(): void {
    const { line, desk } = this
    line.on('desk:conversation_changed', ({ conversation }) => {
      desk.change({ type: 'conversation', conversation })
      this.threads.getSnapshot().get(conversation.id)?.update(conversation)
      if (isMine(conversation, this.session.agent.id)) this.thread(conversation.id)
      else this.#letGo(conversation.id)
    })
    line.on('presence:changed', ({ presences }) => {
      for (const presence of presences) desk.change({ type: 'presence', presence })
    })
    line.on('routing:offer_made', ({ offer }) => desk.change({ type: 'offer', offer }))
    line.on('routing:offer_withdrawn', ({ conversation_id, version, cause }) =>
      this.#offerGone(conversation_id, version, cause),
    )
    line.on('conversation:marks_moved', ({ conversation_id, marks }) =>
      desk.change({ type: 'marks', conversation_id, marks }),
    )
    line.on('conversation:event_appended', ({ conversation_id, event }) => {
      const thread = this.threads.getSnapshot().get(conversation_id)
      thread?.log.apply(event)
      thread?.typing.heard(event.sender, false)
      if (event.sender.kind !== 'visitor') return
      this.mark(conversation_id, { delivered_seq: event.seq })
      if (event.kind === 'message') this.attention?.message(conversation_id, event)
    })
    line.on('conversation:typing_changed', ({ conversation_id, sender, is_typing }) => {
      if (sender.id !== this.session.agent.id)
        this.threads.getSnapshot().get(conversation_id)?.typing.heard(sender, is_typing)
    })
  }

  async #resume(): Promise<void> {
    const desk = await this.line.request('desk:open', {})
    clock.now_ms = desk.now_ms
    this.#sendBeat()
    this.desk.change({ type: 'opened', desk })
    for (const one of desk.conversations) if (isMine(one, this.session.agent.id)) this.thread(one.id)
    await Promise.all([...this.threads.getSnapshot().values()].map((thread) => this.#openThread(thread)))
  }

  async #openThread(thread: Thread): Promise<void> {
    const conversation = await thread.open()
    if (!conversation) return
    this.#markDelivered(thread)
    if (this.desk.getSnapshot().conversations.has(conversation.id))
      this.desk.change({ type: 'conversation', conversation })
  }

  #takeIn(thread: Thread, opened: Parameters<Thread['accept']>[0]): void {
    const conversation = thread.accept(opened)
    this.desk.change({ type: 'conversation', conversation })
    this.#markDelivered(thread)
  }

  #markDelivered(thread: Thread): void {
    const { cursor } = thread.log.getSnapshot()
    if (cursor) this.mark(thread.id, { delivered_seq: cursor })
  }

  #offerFailed(id: string, version: number, error: WeccError): void {
    if (error.code === 'routing.offer_gone' || error.code === 'routing.unknown_work')
      this.#offerGone(id, version, '')
    else this.desk.change({ type: 'offer_doing', id, doing: null })
  }

  #offerGone(id: string, version: number, cause: string): void {
    this.desk.change({ type: 'offer_gone', id, version, cause })
    setTimeout(() => this.desk.change({ type: 'offer_cleared', id, version }), GONE_SHOWN_MS)
  }
}

class ThreadStore extends Store<ReadonlyMap<string, Thread>> {
  constructor() {
    super(new Map())
  }

  put(thread: Thread): void {
    this.set(new Map(this.getSnapshot()).set(thread.id, thread))
  }

  drop(id: string): void {
    const rest = new Map(this.getSnapshot())
    rest.delete(id)
    this.set(rest)
  }
}
