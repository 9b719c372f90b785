import type {
  CenterFace,
  ConversationView,
  FilledField,
  FlowEntry,
  VisitorState,
  VisitorToken,
  VisitorView,
} from '@wecc/protocol'
import {
  Connection,
  http,
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
import { CLOSED, isOwnWords, overtaken, PERSON, STEP_OVER, type Draft, type Leaving } from './drafts'
import { Files } from './files'
import type { Host } from './host'
import { lasting, passing } from './memory'
import { begin, readEntry, sayIn, type Line } from './saying'
import { Seen } from './seen'
import { blip } from './sound'

export interface SessionState {
  readonly face: CenterFace | null
  readonly faceError: WeccError | null
  readonly visitor: VisitorView | null
  readonly conversation: ConversationView | null
  /** How self-service greets this visitor; null until it is known. */
  readonly entry: FlowEntry | null
  readonly log: LogReader
  /** Written by agents or self-service, and not seen here. */
  readonly unread: number
  readonly isMuted: boolean
}

/** Nothing greets but the center itself. */
const unguided: FlowEntry = { flow: '', step: null, offers_person: false }

const noLog = () => new LogReader(() => Promise.reject(new WeccError({ code: 'request.not_found' })))

/**
 * The visitor's side of the desk. Nothing is asked of the server before the panel is opened. No token is made
 * before the visitor says something or adds a file, unless the host page knows him: then he is greeted as himself.
 */
export class Session extends Store<SessionState> {
  readonly connection: Line
  readonly outbox: Outbox<Draft>
  readonly leaving: Outbox<Leaving>
  readonly uploads: Uploads
  readonly typing = new TypingSenders()
  readonly signal: TypingSignal
  readonly files: Files
  readonly center: string
  readonly #host: Host
  #token: string | null
  #tokenUnderWay: Promise<void> | null = null
  #identity: string | null = null
  #dismissed: string | null = null
  #greeted = ''
  #stopReading = () => {}
  readonly #seen: Seen
  #shownPage = ''
  #isRefreshing = false

  constructor(center: string, host: Host, socket?: Socket) {
    super({
      face: null,
      faceError: null,
      visitor: null,
      conversation: null,
      entry: null,
      log: noLog(),
      unread: 0,
      isMuted: lasting.get('wecc:muted') !== null,
    })
    this.center = center
    this.#host = host
    this.#token = lasting.get(this.#key('token'))
    this.files = new Files(this.#headers)
    this.uploads = new Uploads({
      maxBytes: () => this.getSnapshot().face?.max_attachment_bytes ?? Infinity,
      headers: async () => {
        await this.#authenticate()
        return this.#headers()
      },
    })
    this.signal = new TypingSignal((is_typing) => {
      const { conversation } = this.getSnapshot()
      const isHeard = conversation?.status === 'waiting' || conversation?.status === 'active'
      if (isHeard && this.#isOnline())
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
    this.#seen = new Seen(this.connection, host)
    this.connection.onReady(() => this.#resume())
    this.connection.subscribe(() => this.#connectionChanged())
    this.connection.on('conversation:event_appended', ({ conversation_id, event }) => {
      if (conversation_id !== this.getSnapshot().conversation?.id) return this.#refresh()
      if (event.kind === 'message' && event.sender.kind === 'agent') this.typing.heard(event.sender, false)
      if (this.#seen.isHeard(event) && !this.getSnapshot().isMuted) blip()
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
        else this.#greet()
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

  /** Answers the newest step of self-service, or what greets here, with one of its quick replies. */
  choose(option: string, label: string): void {
    this.outbox.add({ text: label, attachments: [], option })
  }

  /** Answers the newest step of self-service with its form; one that was refused is put right by it. */
  fill(fields: readonly FilledField[]): void {
    for (const { client_id, draft, state } of this.outbox.getSnapshot())
      if (draft.fields && state === 'failed') this.outbox.discard(client_id)
    this.outbox.add({ text: '', attachments: [], fields })
  }

  /** Asks for a person, as `label` says it, and puts the question to him, if there is one. */
  askPerson(label: string, question = ''): void {
    const { conversation } = this.getSnapshot()
    if (conversation?.status === 'closed') this.startAgain()
    const isAsked = this.outbox.getSnapshot().some(({ draft, state }) => draft.option === PERSON && state !== 'failed')
    if (!isAsked && conversation?.status !== 'waiting' && conversation?.status !== 'active')
      this.choose(PERSON, label)
    if (question.trim()) this.outbox.add({ text: question.trim(), attachments: [] })
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
    this.#greet()
  }

  /** Whether the newest message is in view. */
  see(isAtBottom: boolean): void {
    if (this.#seen.isAtBottom === isAtBottom) return
    this.#seen.isAtBottom = isAtBottom
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
    const name = locale === 'en' ? face?.name_en : face?.name_zh
    if (conversation) await this.files.saveTranscript(conversation, locale, name ?? 'WECC')
  }

  /** Whether there is a visitor already: a stored token, or one made here. */
  get isKnown(): boolean {
    return this.#token !== null
  }

  /** What is begun and not sent: the composer's text, a form's values as JSON. Kept over a reload. */
  begun(what: 'draft' | 'form'): string {
    return passing.get(this.#key(what)) ?? ''
  }
  keep(what: 'draft' | 'form', text: string): void {
    if (text) passing.set(this.#key(what), text)
    else passing.remove(this.#key(what))
  }

  async loadFace(): Promise<void> {
    this.#change({ faceError: null })
    try {
      const face = await http<CenterFace>(`/api/v1/centers/${this.center}/face`)
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
    return `wecc:${this.center}:${name}`
  }

  readonly #headers = () => ({ authorization: `Bearer ${this.#token}` })

  #become(token: string): void {
    this.#token = token
    this.connection.open()
  }

  #authenticate(): Promise<void> | void {
    if (this.#token) return this.connection.open()
    this.#tokenUnderWay ??= http<VisitorToken>('/api/v1/visitors', {
      method: 'POST',
      body: { center_id: this.center, locale: this.#host.getSnapshot().locale },
    })
      .then(({ token }) => {
        lasting.set(this.#key('token'), token)
        this.#become(token)
      })
      .finally(() => (this.#tokenUnderWay = null))
    return this.#tokenUnderWay
  }

  /** Asks what greets this visitor. Whom the page knows is made known here first: his tier decides. */
  #greet(): void {
    const { isOpen, locale } = this.#host.getSnapshot()
    const { conversation, visitor } = this.getSnapshot()
    if (!isOpen || (conversation && conversation.status !== 'guided')) return
    if (this.#identity && !this.#token) {
      void Promise.resolve(this.#authenticate()).catch(() => this.#change({ entry: unguided }))
      return
    }
    if (this.#token && !visitor) return // the resume comes first
    const reader = `${locale} ${visitor?.id} ${visitor?.tier}`
    if (reader === this.#greeted) return
    this.#greeted = reader
    readEntry(this.center, locale, this.#token ? this.#headers() : {})
      .then((entry) => reader === this.#greeted && this.#change({ entry }))
      .catch(() => {
        if (reader !== this.#greeted) return
        this.#greeted = '' // asked again when the panel is next opened
        if (!this.getSnapshot().entry) this.#change({ entry: unguided })
      })
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
    this.#greeted = ''
    this.#leaveLog()
    this.#change({ visitor: null, entry: null })
    this.connection.close()
    this.#greet()
  }

  #shutdown(): void {
    for (const { client_id } of this.outbox.getSnapshot()) this.outbox.discard(client_id)
    this.outbox.close()
    this.uploads.clear()
    this.#forget()
    this.leaving.close()
    this.keep('draft', '')
    this.keep('form', '')
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
      this.#seen.tellAgain()
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
    if (!conversation || !log || conversation.id === this.#dismissed) return this.#greet()
    const current = this.getSnapshot().conversation
    if (current?.id !== conversation.id) {
      this.#enterLog(conversation)
      this.#seen.begin(log.last_seq)
    } else if (conversation.last_seq >= current.last_seq)
      this.#change({ conversation: { ...conversation, marks: furthest(conversation.marks, current.marks) } })
    this.getSnapshot().log.accept(log)
    this.#greet()
  }

  async #send(item: OutboxItem<Draft>): Promise<{ seq: number }> {
    await this.#authenticate()
    if (!this.#isOnline()) throw new WeccError({ code: 'client.connection_lost', retryable: true })
    const { client_id, draft } = item
    try {
      if (draft.fields) await this.#enterForm(item)
      const { conversation } = this.getSnapshot()
      if (conversation && conversation.status !== 'closed') {
        const { seq } = await sayIn(this.connection, conversation.id, item)
        if (draft.fields) this.keep('form', '')
        return { seq }
      }
      const seq = await this.#begin(item)
      if (draft.option) this.outbox.discard(client_id) // where he is queued at once, the log does not repeat it
      return { seq }
    } catch (thrown) {
      const { code } = WeccError.from(thrown)
      // Self-service ended it in this very moment: his words begin another.
      if (code === CLOSED && isOwnWords(draft) && this.getSnapshot().conversation?.status === 'guided')
        return { seq: await this.#begin(item) }
      if (code !== STEP_OVER) throw thrown
      // The step was answered otherwise, or what greets is another flow by now: nothing to trouble the visitor with.
      this.outbox.discard(client_id)
      this.#greeted = ''
      this.#greet()
      return { seq: 0 }
    }
  }

  async #begin(item: OutboxItem<Draft>): Promise<number> {
    const started = await begin(this.connection, item, this.#host.getSnapshot())
    this.#accept(started)
    this.#host.tell({ type: 'conversation_started', conversation_id: started.conversation?.id ?? '' })
    return started.conversation?.last_seq ?? 0
  }

  /** A form that greets is sent into the conversation it begins. */
  async #enterForm(item: OutboxItem<Draft>): Promise<void> {
    const { conversation } = this.getSnapshot()
    if (conversation?.status === 'closed') throw new WeccError({ code: CLOSED })
    if (!conversation) await this.#begin(item)
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
    this.#greet()
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
    this.#seen.begin(0)
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

  #count(): void {
    const { conversation, log, unread } = this.getSnapshot()
    const count = this.#seen.count(conversation, log)
    if (count === unread) return
    this.#change({ unread: count })
    this.#host.tell({ type: 'unread', count })
  }
}
