import type {
  AttachmentView,
  CenterFace,
  ConversationView,
  LogEvent,
  VisitorNotices,
  VisitorRequests,
  VisitorState,
  VisitorToken,
  VisitorView,
} from '@wecc/protocol'
import {
  Connection,
  http,
  httpBlob,
  LogReader,
  Outbox,
  Store,
  TypingSenders,
  TypingSignal,
  Uploads,
  WeccError,
  type OutboxItem,
  type Socket,
} from '@wecc/realtime'

import { advance, furthest } from './conversation'
import { Files, save } from './files'
import type { Host } from './host'
import { lasting, passing } from './memory'
import { blip } from './sound'

export interface Draft {
  readonly text: string
  readonly attachments: readonly AttachmentView[]
}

/** A wish to be answered later, and how to be reached, if that is told. */
export interface Leaving {
  readonly conversation_id: string
  readonly contact: string
}

/** An agent has taken it, or it is over: there is nothing left to leave. */
const overtaken = new Set(['routing.not_waiting', 'routing.unknown_work', 'conversation.closed'])

export interface SessionState {
  readonly face: CenterFace | null
  readonly faceError: WeccError | null
  readonly visitor: VisitorView | null
  readonly conversation: ConversationView | null
  readonly log: LogReader
  /** Written by agents and not seen here. */
  readonly unread: number
  readonly isMuted: boolean
}

const noLog = () => new LogReader(() => Promise.reject(new WeccError({ code: 'request.not_found' })))

/**
 * The visitor's side of the desk. Nothing is asked of the server before the panel is opened, and no token is
 * made before the visitor writes or adds a file.
 */
export class Session extends Store<SessionState> {
  readonly connection: Connection<VisitorRequests, VisitorNotices>
  readonly outbox: Outbox<Draft>
  readonly leaving: Outbox<Leaving>
  readonly uploads: Uploads
  readonly typing = new TypingSenders()
  readonly signal: TypingSignal
  readonly files: Files
  readonly #center: string
  readonly #host: Host
  #token: string | null
  #tokenUnderWay: Promise<void> | null = null
  #identity: string | null = null
  #dismissed: string | null = null
  #stopReading = () => {}
  #heard_seq = 0
  #sent = { delivered_seq: 0, read_seq: 0 }
  #shownPage = ''
  #isAtBottom = true
  #isRefreshing = false

  constructor(center: string, host: Host, socket?: Socket) {
    super({
      face: null,
      faceError: null,
      visitor: null,
      conversation: null,
      log: noLog(),
      unread: 0,
      isMuted: lasting.get('wecc:muted') !== null,
    })
    this.#center = center
    this.#host = host
    this.#token = lasting.get(this.#key('token'))
    const headers = () => ({ authorization: `Bearer ${this.#token}` })
    this.files = new Files(headers)
    this.uploads = new Uploads({
      maxBytes: () => this.getSnapshot().face?.max_attachment_bytes ?? Infinity,
      headers: async () => {
        await this.#authenticate()
        return headers()
      },
    })
    this.signal = new TypingSignal((is_typing) => {
      const { conversation } = this.getSnapshot()
      if (conversation && conversation.status !== 'closed' && this.#isOnline())
        this.connection
          .request('conversation:set_typing', { conversation_id: conversation.id, is_typing })
          .catch(() => {})
    })
    this.outbox = new Outbox({ key: this.#key('outbox'), send: (item) => this.#send(item) })
    this.leaving = new Outbox({ key: this.#key('leaving'), send: (item) => this.#leave(item) })

    this.connection = new Connection({
      namespace: '/visitor',
      auth: () => ({ token: this.#token }),
      ...(socket ? { socket } : {}),
    })
    this.connection.onReady(() => this.#resume())
    this.connection.subscribe(() => this.#connectionChanged())
    this.connection.on('conversation:event_appended', ({ conversation_id, event }) => {
      if (conversation_id !== this.getSnapshot().conversation?.id) return this.#refresh()
      this.#chime(event)
      this.getSnapshot().log.apply(event)
    })
    this.connection.on('conversation:marks_moved', ({ conversation_id, marks }) =>
      this.#patch(conversation_id, (view) => ({ ...view, marks: furthest(view.marks, marks) })),
    )
    this.connection.on('queue:place_changed', ({ conversation_id, place }) =>
      this.#patch(conversation_id, (view) => (view.status === 'waiting' && !view.away ? { ...view, place } : view)),
    )
    this.connection.on('conversation:typing_changed', ({ sender, is_typing }) => {
      if (sender.kind === 'agent') this.typing.heard(sender, is_typing)
    })

    document.addEventListener('visibilitychange', () => this.#count())
    addEventListener('storage', ({ key, newValue }) => {
      // Another tab became this visitor, or ceased to be.
      if (key !== this.#key('token') || newValue === this.#token) return
      if (newValue) this.#become(newValue)
      else this.#forget()
    })
    host.subscribe(() => this.#hostChanged())
    host.hear({
      identify: (token) => {
        this.#identity = token
        if (this.#isOnline()) void this.#identify().then(() => this.#refresh())
      },
      shutdown: () => this.#shutdown(),
    })
    if (this.#token) this.connection.open()
    else this.outbox.resume() // a reload may have come before the token
    this.#hostChanged()
  }

  write(text: string): void {
    const attachments = this.uploads.getSnapshot().flatMap(({ attachment, file }) => {
      if (attachment) this.files.remember(attachment, file)
      return attachment ? [attachment] : []
    })
    this.uploads.take()
    this.signal.stop()
    this.outbox.add({ text: text.trim(), attachments })
  }

  /** Waits no longer: what was written is answered later. `contact` tells, or corrects, how to be reached. */
  leaveMessage(contact = ''): void {
    const { conversation } = this.getSnapshot()
    for (const { client_id, state } of this.leaving.getSnapshot())
      if (state === 'failed') this.leaving.discard(client_id)
    if (conversation) this.leaving.add({ conversation_id: conversation.id, contact })
  }

  /** Ends the conversation, or the waiting. Throws `WeccError`. */
  async end(): Promise<void> {
    const { conversation } = this.getSnapshot()
    if (conversation)
      await this.connection.request('conversation:close', { conversation_id: conversation.id })
  }

  /** Puts an ended conversation away; the next message begins another. */
  startAgain(): void {
    this.#dismissed = this.getSnapshot().conversation?.id ?? null
    this.#leaveLog()
  }

  /** Whether the newest message is in view. */
  see(isAtBottom: boolean): void {
    if (this.#isAtBottom === isAtBottom) return
    this.#isAtBottom = isAtBottom
    this.#count()
  }

  mute(isMuted: boolean): void {
    if (isMuted) lasting.set('wecc:muted', '1')
    else lasting.remove('wecc:muted')
    this.#change({ isMuted })
  }

  async downloadTranscript(): Promise<void> {
    const { conversation, face } = this.getSnapshot()
    const { locale } = this.#host.getSnapshot()
    if (!conversation) return
    const path = `/api/v1/conversations/${conversation.id}/transcript?locale=${locale}&format=html`
    const url = URL.createObjectURL(
      await httpBlob(path, { headers: { authorization: `Bearer ${this.#token}` } }),
    )
    const name = locale === 'en' ? face?.name_en : face?.name_zh
    save(url, `${name ?? 'WECC'} ${new Date(conversation.started_ms).toISOString().slice(0, 10)}.html`)
    URL.revokeObjectURL(url)
  }

  /** Whether there is a visitor already: a stored token, or one made here. */
  get isKnown(): boolean {
    return this.#token !== null
  }

  get draft(): string {
    return passing.get(this.#key('draft')) ?? ''
  }
  set draft(text: string) {
    if (text) passing.set(this.#key('draft'), text)
    else passing.remove(this.#key('draft'))
  }

  async loadFace(): Promise<void> {
    this.#change({ faceError: null })
    try {
      const face = await http<CenterFace>(`/api/v1/centers/${this.#center}/face`)
      this.#change({ face })
    } catch (thrown) {
      this.#change({ faceError: WeccError.from(thrown) })
    }
  }

  // ------------------------------------------------------------ who one is

  #change(change: Partial<SessionState>): void {
    this.set({ ...this.getSnapshot(), ...change })
  }

  #key(name: string): string {
    return `wecc:${this.#center}:${name}`
  }

  #become(token: string): void {
    this.#token = token
    this.connection.open()
  }

  #authenticate(): Promise<void> | void {
    if (this.#token) return this.connection.open()
    this.#tokenUnderWay ??= http<VisitorToken>('/api/v1/visitors', {
      method: 'POST',
      body: { center_id: this.#center, locale: this.#host.getSnapshot().locale },
    })
      .then(({ token }) => {
        lasting.set(this.#key('token'), token)
        this.#become(token)
      })
      .finally(() => (this.#tokenUnderWay = null))
    return this.#tokenUnderWay
  }

  async #identify(): Promise<void> {
    const token = this.#identity
    if (!token) return
    this.#identity = null // it is good for one use
    try {
      const visitor = await this.connection.request('visitor:identify', { token })
      this.#change({ visitor })
    } catch (thrown) {
      const error = WeccError.from(thrown)
      if (error.retryable) this.#identity ??= token
      this.#host.tell({ type: 'error', code: error.code, message: error.message })
    }
  }

  #forget(): void {
    lasting.remove(this.#key('token'))
    for (const { client_id } of this.leaving.getSnapshot()) this.leaving.discard(client_id)
    this.#token = null
    this.#dismissed = null
    this.files.clear()
    this.#leaveLog()
    this.#change({ visitor: null })
    this.connection.close()
  }

  #shutdown(): void {
    for (const { client_id } of this.outbox.getSnapshot()) this.outbox.discard(client_id)
    this.outbox.close()
    this.uploads.clear()
    this.#forget()
    this.leaving.close()
    this.draft = ''
    lasting.remove('wecc:muted')
    this.#host.tell({ type: 'gone' })
  }

  // ------------------------------------------------------------ the line

  #isOnline(): boolean {
    return this.connection.getSnapshot().kind === 'online'
  }

  #connectionChanged(): void {
    const state = this.connection.getSnapshot()
    if (state.kind === 'online') {
      this.outbox.resume()
      this.leaving.resume()
      this.#sent = { delivered_seq: 0, read_seq: 0 }
      this.#count()
    } else this.typing.clear()
    // The token is no longer good: what is unsent goes out under a new one.
    if (state.kind === 'ended' && state.cause !== 'closed') {
      this.#forget()
      this.outbox.resume()
    }
  }

  async #resume(): Promise<void> {
    await this.#identify()
    this.#rejoin(await this.connection.request('visitor:resume', {}))
    this.#shownPage = ''
    this.#tellPage()
  }

  #refresh(): void {
    if (this.#isRefreshing || !this.#isOnline()) return // a reconnect resumes anyway
    this.#isRefreshing = true
    this.connection
      .request('visitor:resume', {})
      .then((state) => this.#rejoin(state))
      .catch(() => {})
      .finally(() => (this.#isRefreshing = false))
  }

  #rejoin(state: VisitorState): void {
    const before = this.getSnapshot().conversation
    this.#accept(state)
    const { conversation } = this.getSnapshot()
    if (conversation && conversation.id !== before?.id && conversation.status !== 'closed')
      this.#host.tell({ type: 'conversation_resumed', conversation_id: conversation.id })
  }

  #accept({ visitor, conversation, log }: VisitorState): void {
    this.#change({ visitor })
    if (!conversation || !log || conversation.id === this.#dismissed) return
    const current = this.getSnapshot().conversation
    if (current?.id !== conversation.id) {
      this.#enterLog(conversation)
      this.#heard_seq = log.last_seq
    } else if (conversation.last_seq >= current.last_seq)
      this.#change({ conversation: { ...conversation, marks: furthest(conversation.marks, current.marks) } })
    this.getSnapshot().log.accept(log)
  }

  async #send(item: OutboxItem<Draft>): Promise<{ seq: number }> {
    await this.#authenticate()
    if (!this.#isOnline()) throw new WeccError({ code: 'client.connection_lost', retryable: true })
    const { client_id, draft } = item
    const { text, attachments } = draft
    const attachment_ids = attachments.map(({ id }) => id)
    const { conversation } = this.getSnapshot()
    if (conversation && conversation.status !== 'closed')
      return this.connection.request('conversation:send_message', {
        conversation_id: conversation.id,
        client_id,
        text,
        attachment_ids,
      })
    const { locale, page } = this.#host.getSnapshot()
    const started = await this.connection.request('conversation:start', {
      client_id,
      locale,
      text,
      attachment_ids,
      page_url: page?.url ?? '',
      page_title: page?.title ?? '',
    })
    this.#accept(started)
    this.#host.tell({ type: 'conversation_started', conversation_id: started.conversation?.id ?? '' })
    return { seq: started.conversation?.last_seq ?? 0 }
  }

  async #leave({ client_id, draft }: OutboxItem<Leaving>): Promise<{ seq: number }> {
    if (!this.#isOnline()) throw new WeccError({ code: 'client.connection_lost', retryable: true })
    try {
      this.#accept(await this.connection.request('conversation:leave_message', { ...draft, client_id }))
    } catch (thrown) {
      if (!overtaken.has(WeccError.from(thrown).code)) throw thrown
    }
    this.leaving.discard(client_id) // the conversation itself says the rest
    return { seq: 0 }
  }

  #hostChanged(): void {
    const { isOpen } = this.#host.getSnapshot()
    const { face, faceError } = this.getSnapshot()
    if (isOpen && !face && !faceError) void this.loadFace()
    this.#tellPage()
    this.#count()
  }

  #tellPage(): void {
    const { page } = this.#host.getSnapshot()
    if (!page || page.url === this.#shownPage) return
    if (!this.getSnapshot().visitor || this.connection.getSnapshot().kind === 'ended') return
    this.#shownPage = page.url
    this.connection.request('visitor:view_page', page).catch(() => (this.#shownPage = ''))
  }

  // ------------------------------------------------------------ the log

  #enterLog(conversation: ConversationView): void {
    this.#leaveLog()
    const log = new LogReader((query) =>
      this.connection.request('conversation:read_log', { conversation_id: conversation.id, ...query }),
    )
    this.#stopReading = log.subscribe(() => this.#logChanged())
    this.#change({ conversation, log })
  }

  #leaveLog(): void {
    this.#stopReading()
    this.#stopReading = () => {}
    this.getSnapshot().log.close()
    this.typing.clear()
    this.#sent = { delivered_seq: 0, read_seq: 0 }
    this.#heard_seq = 0
    this.#change({ conversation: null, log: noLog() })
    this.#count()
  }

  #logChanged(): void {
    const { conversation, log, visitor } = this.getSnapshot()
    if (!conversation) return
    const { events } = log.getSnapshot()
    const next = events.reduce(advance, conversation)
    if (next !== conversation) this.#change({ conversation: next })
    if (visitor) this.outbox.settle(events, { kind: 'visitor', id: visitor.id })
    if (next.status === 'closed' && conversation.status !== 'closed') {
      this.typing.clear()
      this.#host.tell({ type: 'conversation_closed', conversation_id: next.id })
    }
    this.#count()
  }

  #patch(conversation_id: string, change: (view: ConversationView) => ConversationView): void {
    const { conversation } = this.getSnapshot()
    if (conversation?.id !== conversation_id) return
    this.#change({ conversation: change(conversation) })
    this.#count()
  }

  #chime(event: LogEvent): void {
    if (event.sender.kind === 'agent' && event.kind === 'message') this.typing.heard(event.sender, false)
    if (event.seq <= this.#heard_seq) return
    this.#heard_seq = event.seq
    const isHeard = event.kind === 'message' && event.sender.kind === 'agent'
    if (isHeard && !this.#isSeen() && !this.getSnapshot().isMuted) blip()
  }

  #isSeen(): boolean {
    return this.#host.getSnapshot().isOpen && document.visibilityState === 'visible' && this.#isAtBottom
  }

  /** Tells the desk what has arrived and what was seen, and the launcher what was not. */
  #count(): void {
    const { conversation, log, unread } = this.getSnapshot()
    const { cursor, events } = log.getSnapshot()
    let { delivered_seq, read_seq } = this.#sent
    if (conversation && cursor) {
      delivered_seq = Math.max(delivered_seq, cursor)
      if (this.#isSeen()) read_seq = Math.max(read_seq, cursor)
      const { marks } = conversation
      const isNews =
        delivered_seq > Math.max(marks.visitor_delivered_seq, this.#sent.delivered_seq) ||
        read_seq > Math.max(marks.visitor_read_seq, this.#sent.read_seq)
      if (isNews && this.#isOnline()) {
        this.#sent = { delivered_seq, read_seq }
        const conversation_id = conversation.id
        this.connection
          .request('conversation:set_marks', { conversation_id, delivered_seq, read_seq })
          .catch(() => {})
      }
    }
    const read = Math.max(read_seq, conversation?.marks.visitor_read_seq ?? 0)
    const now = events.filter((e) => e.kind === 'message' && e.sender.kind === 'agent' && e.seq > read).length
    if (now === unread) return
    this.#change({ unread: now })
    this.#host.tell({ type: 'unread', count: now })
  }
}
