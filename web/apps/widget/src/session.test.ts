import type { AssistedBody, Away, ConversationView, FlowEntry, LogEvent, Result, VisitorState } from '@wecc/protocol'
import type { Socket } from '@wecc/realtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { Host } from './host'
import { Session } from './session'

const visitor = { id: 'v1', name: '访客 1', is_verified: false, customer_id: '', tier: 'other' }
const face = {
  id: 'gd',
  name_zh: '广东',
  name_en: 'GD',
  greeting_zh: '您好',
  greeting_en: 'Hello',
  max_attachment_bytes: 1000,
}
const noMarks = { visitor_delivered_seq: 0, visitor_read_seq: 0, agent_delivered_seq: 0, agent_read_seq: 0 }

const step: AssistedBody = {
  flow: 'other:1',
  node: 'menu',
  text: '请选择',
  options: [{ id: 'bill', label: '查话费', key: '1', kind: 'go' }],
  articles: [],
  fields: [],
  question_id: '',
  unsolved_turns: 0,
}

/** The server, as a visitor meets it: one conversation at a time, kept in a log. */
class Server implements Socket {
  conversation: ConversationView | null = null
  events: LogEvent[] = []
  asked: string[] = []
  tokens = 0
  isTokenGood = true
  answers = true
  refusal: string | null = null
  /** By request. */
  refusals: Record<string, string> = {}
  refusalData = {}
  entry: FlowEntry | null = { flow: '', step: null, offers_person: true }
  readonly #handlers = new Map<string, (argument: never) => void>()
  #notice: (name: string, payload: unknown) => void = () => {}

  greeted: (string | undefined)[] = []

  async fetch(path: string, { headers = {} }: { headers?: Record<string, string> } = {}): Promise<Response> {
    this.asked.push(path)
    if (path.endsWith('/face')) return Response.json(face)
    if (path.includes('/flows/entry')) {
      this.greeted.push(headers['authorization'])
      if (!this.entry) return Response.json({ code: 'service.unavailable' }, { status: 503 })
      return Response.json(this.entry)
    }
    this.tokens += 1
    this.isTokenGood = true
    return Response.json({ visitor, token: `token-${this.tokens}` })
  }

  connect() {
    queueMicrotask(() =>
      this.isTokenGood
        ? this.#handlers.get('connect')!(undefined as never)
        : this.#handlers.get('connect_error')!(
            Object.assign(new Error(), { data: { code: 'session.required' } }) as never,
          ),
    )
  }
  disconnect() {}
  on(event: string, handler: (argument: never) => void) {
    this.#handlers.set(event, handler)
  }
  onAny(handler: (name: string, payload: unknown) => void) {
    this.#notice = handler
  }
  drop() {
    this.#handlers.get('disconnect')!(undefined as never)
  }

  emit(name: string, payload: Record<string, unknown>, ack: (result: Result<unknown>) => void) {
    this.asked.push(name)
    const code = this.refusals[name] ?? this.refusal
    if (!this.answers) return
    if (code) queueMicrotask(() => ack({ ok: false, error: { code, message: '', retryable: false, data: this.refusalData } }))
    else queueMicrotask(() => ack({ ok: true, data: this.#answer(name, payload) }))
  }

  #answer(name: string, payload: Record<string, unknown>): unknown {
    switch (name) {
      case 'conversation:start':
        this.conversation = {
          id: `c${this.asked.length}`,
          status: this.entry?.step && !payload['wants_person'] ? 'guided' : 'waiting',
          channel: 'chat',
          agent: null,
          started_ms: 1,
          closed_ms: null,
          last_seq: 0,
          marks: noMarks,
          place: null,
          away: null,
        }
        this.events = []
        if (this.conversation.status === 'guided') this.assist()
        if (payload['option'] && !payload['wants_person']) this.choose(payload)
        else if (payload['text']) this.say('visitor', payload['text'] as string, payload['client_id'] as string)
        return this.state
      case 'flow:choose':
        return { seq: this.choose(payload), at_ms: 1 }
      case 'flow:fill_form':
        return { seq: this.fill(payload), at_ms: 1 }
      case 'conversation:send_message':
        return {
          seq: this.say('visitor', payload['text'] as string, payload['client_id'] as string),
          at_ms: 1,
        }
      case 'conversation:leave_message': {
        const { contact, client_id } = payload as { contact: string; client_id: string }
        const isRepeat = this.events.some((event) => event.client_id === client_id)
        if (contact && !isRepeat)
          this.append('contact_left', { contact }, { kind: 'visitor', id: 'v1', name: '' }, client_id)
        if (!this.conversation!.away) this.away('chosen')
        const away = this.conversation!.away!
        const has_contact = away.has_contact || contact !== ''
        this.conversation = { ...this.conversation!, away: { ...away, has_contact } }
        return this.state
      }
      case 'visitor:identify':
        return visitor
      case 'visitor:resume':
        return this.state
      case 'conversation:set_marks':
        return noMarks
      default:
        return {}
    }
  }

  get state(): VisitorState {
    const last_seq = this.events.length
    return {
      visitor,
      conversation: this.conversation && { ...this.conversation, last_seq },
      log: this.conversation && { events: this.events, last_seq, first_seq: 1 },
    }
  }

  append(kind: string, body: object, sender: object, client_id = ''): number {
    const seq = this.events.length + 1
    const event = { seq, prev: seq - 1, at_ms: seq, sender, client_id, kind, body } as LogEvent
    this.events = [...this.events, event]
    this.#notice('conversation:event_appended', { v: 1, conversation_id: this.conversation!.id, event })
    return seq
  }
  assist(): number {
    return this.append('assisted', step, { kind: 'system', id: '', name: '' })
  }
  choose({ option, client_id }: Record<string, unknown>): number {
    const body = { node: 'menu', option, label: '查话费' }
    return this.append('chosen', body, { kind: 'visitor', id: 'v1', name: '' }, client_id as string)
  }
  fill({ fields, client_id }: Record<string, unknown>): number {
    const body = { node: 'form', fields }
    return this.append('filled', body, { kind: 'visitor', id: 'v1', name: '' }, client_id as string)
  }
  away(cause: Away['cause']) {
    this.conversation = {
      ...this.conversation!,
      away: { cause, opens_ms: null, has_contact: false },
    }
    const body = { tier: 'other', cause, since_ms: 1, channel: 'message', opens_ms: null }
    this.append('queued', body, { kind: 'system', id: '', name: '' })
  }
  say(kind: 'visitor' | 'agent', text: string, client_id = ''): number {
    return this.append(
      'message',
      { text, attachments: [] },
      { kind, id: kind === 'visitor' ? 'v1' : 'a1', name: '' },
      client_id,
    )
  }
}

let server: Server
const sessions: Session[] = []

const begin = () => {
  const session = new Session('gd', new Host(), server)
  sessions.push(session)
  return session
}
const settled = () => vi.advanceTimersByTimeAsync(50)
const shown = (session: Session) => {
  const log = session.getSnapshot().log.getSnapshot()
  const unsent = session.outbox.getSnapshot().map(({ draft, state }) => `${draft.text} ${state}`)
  const logged = log.events.flatMap((event) =>
    event.kind === 'message' ? [event.body.text] : event.kind === 'chosen' ? [`[${event.body.label}]`] : [],
  )
  return [...logged, ...unsent]
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  sessionStorage.clear()
  server = new Server()
  vi.stubGlobal('fetch', (path: string, options?: object) => server.fetch(path, options))
})
afterEach(() => {
  for (const session of sessions.splice(0)) {
    session.connection.close()
    session.outbox.close()
    session.leaving.close()
  }
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('before the visitor writes', () => {
  it('only the face is asked for, and nothing stored', async () => {
    const session = begin()
    await settled()
    expect(server.asked).toEqual(['/api/v1/centers/gd/face', '/api/v1/flows/entry?center=gd&locale=en'])
    expect(session.getSnapshot().face).toEqual(face)
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 0])
  })
})

describe('a conversation', () => {
  it('begins with the first message', async () => {
    const session = begin()
    session.write('你好')
    expect(shown(session)).toEqual(['你好 sending'])
    await settled()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(shown(session)).toEqual(['你好'])
    expect(session.getSnapshot().conversation).toMatchObject({ status: 'waiting' })
    session.write('还有')
    await settled()
    expect(shown(session)).toEqual(['你好', '还有'])
    expect(server.asked.filter((name) => name === 'conversation:start')).toHaveLength(1)
  })

  it('goes on after a reload', async () => {
    const before = begin()
    before.write('你好')
    await vi.advanceTimersByTimeAsync(2_000)
    before.connection.close()
    server.say('agent', '在的')
    const after = begin()
    await settled()
    expect(shown(after)).toEqual(['你好', '在的'])
    expect(server.tokens).toBe(1)
  })

  it('loses nothing to a reload in the middle of sending', async () => {
    const before = begin()
    before.write('你好')
    await vi.advanceTimersByTimeAsync(2_000)
    server.answers = false
    before.write('没有回音')
    await settled()
    before.connection.close()
    before.outbox.close()
    server.answers = true
    const after = begin()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(shown(after)).toEqual(['你好', '没有回音'])
  })

  it('survives a token that is no longer good', async () => {
    localStorage.setItem('wecc:gd:token', 'old')
    server.isTokenGood = false
    const session = begin()
    await settled()
    expect(localStorage.getItem('wecc:gd:token')).toBeNull()
    session.write('你好')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(shown(session)).toEqual(['你好'])
    expect(localStorage.getItem('wecc:gd:token')).toBe('token-1')
  })

  it('that another tab began is shown here', async () => {
    localStorage.setItem('wecc:gd:token', 'token-0')
    const session = begin()
    await settled()
    server.emit('conversation:start', { text: '从另一页', client_id: 'other-tab-1' }, () => {})
    await settled()
    expect(shown(session)).toEqual(['从另一页'])
  })

  it('that ended is put away, and the next message begins another', async () => {
    const session = begin()
    session.write('一')
    await vi.advanceTimersByTimeAsync(2_000)
    server.append('closed', { cause: 'agent' }, { kind: 'agent', id: 'a1', name: '' })
    await settled()
    expect(session.getSnapshot().conversation).toMatchObject({ status: 'closed' })
    session.startAgain()
    expect(shown(session)).toEqual([])
    session.write('二')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(shown(session)).toEqual(['二'])
    expect(session.getSnapshot().conversation).toMatchObject({ status: 'waiting' })
  })
})

describe('a message that is left', () => {
  const waiting = async () => {
    const session = begin()
    session.write('你好')
    await vi.advanceTimersByTimeAsync(2_000)
    return session
  }
  const contacts = () =>
    server.events.flatMap((event) => (event.kind === 'contact_left' ? [event.body.contact] : []))

  it('ends the waiting, takes a contact, and stays so over a reload', async () => {
    const before = await waiting()
    before.leaveMessage()
    await settled()
    expect(before.getSnapshot().conversation).toMatchObject({
      status: 'waiting',
      away: { cause: 'chosen', has_contact: false },
    })
    before.leaveMessage('13800138000')
    await settled()
    expect(before.getSnapshot().conversation?.away?.has_contact).toBe(true)
    expect(before.leaving.getSnapshot()).toEqual([])
    before.write('补充')
    await settled()
    before.connection.close()
    const after = begin()
    await settled()
    expect(after.getSnapshot().conversation?.away).toMatchObject({ cause: 'chosen', has_contact: true })
    expect(shown(after)).toEqual(['你好', '补充'])
    expect(contacts()).toEqual(['13800138000'])
  })

  it('is what the log tells, without being asked', async () => {
    const session = await waiting()
    server.away('nobody')
    expect(session.getSnapshot().conversation).toMatchObject({ place: null, away: { cause: 'nobody' } })
  })

  it('is kept while the line is down and over a reload, and left once', async () => {
    const before = await waiting()
    server.answers = false
    before.leaveMessage('13800138000')
    await settled()
    server.drop()
    before.connection.close()
    before.leaving.close()
    expect(contacts()).toEqual([])
    server.answers = true
    const after = begin()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(contacts()).toEqual(['13800138000'])
    expect(after.getSnapshot().conversation?.away).toMatchObject({ cause: 'chosen', has_contact: true })
    expect(after.leaving.getSnapshot()).toEqual([])
  })

  it('is not left when an agent takes it in that moment', async () => {
    const session = await waiting()
    server.refusal = 'routing.not_waiting'
    session.leaveMessage()
    await settled()
    expect(session.leaving.getSnapshot()).toEqual([])
    server.append('joined', { agent: { id: 'a1', name: '小李' } }, { kind: 'system', id: '', name: '' })
    expect(session.getSnapshot().conversation).toMatchObject({ status: 'active', away: null })
  })

  it('that is refused says so, and may be left again', async () => {
    const session = await waiting()
    server.refusal = 'request.invalid'
    session.leaveMessage('13800138000')
    await settled()
    expect(session.leaving.getSnapshot()).toMatchObject([
      { state: 'failed', error: { code: 'request.invalid' } },
    ])
    server.refusal = null
    session.leaveMessage('13900139000')
    await settled()
    expect(session.leaving.getSnapshot()).toEqual([])
    expect(contacts()).toEqual(['13900139000'])
  })
})

describe('what the agent writes', () => {
  it('is unread until its end is in view', async () => {
    const session = begin()
    session.write('你好')
    await vi.advanceTimersByTimeAsync(2_000)
    session.see(false)
    server.say('agent', '一')
    server.say('agent', '二')
    expect(session.getSnapshot().unread).toBe(2)
    session.see(true)
    expect(session.getSnapshot().unread).toBe(0)
  })
})

describe('self-service', () => {
  beforeEach(() => {
    server.entry = { flow: 'other:1', step, offers_person: true }
  })
  const guided = async () => {
    const session = begin()
    session.choose('bill', '查话费')
    await vi.advanceTimersByTimeAsync(2_000)
    return session
  }

  it('greets without making a visitor, and not otherwise when it cannot be reached', async () => {
    const session = begin()
    await settled()
    expect(session.getSnapshot().entry?.step).toEqual(step)
    expect([localStorage.length, server.tokens]).toEqual([0, 0])
    server.entry = null
    const other = begin()
    await settled()
    expect(other.getSnapshot().entry).toMatchObject({ step: null })
  })

  it('begins with a quick reply, once, whatever the line does', async () => {
    const before = begin()
    server.answers = false
    before.choose('bill', '查话费')
    expect(shown(before)).toEqual(['查话费 sending'])
    await vi.advanceTimersByTimeAsync(2_000)
    before.connection.close()
    before.outbox.close()
    server.answers = true
    const after = begin()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(shown(after)).toEqual(['[查话费]'])
    expect(after.getSnapshot().conversation).toMatchObject({ status: 'guided' })
    expect(after.outbox.getSnapshot()).toEqual([])
  })

  it('takes choices and forms in the order they were made', async () => {
    const session = await guided()
    server.assist()
    session.choose('bill', '查话费')
    session.write('我的话')
    session.fill([{ name: 'phone', label: '号码', value: '10086' }])
    await settled()
    expect(server.events.map(({ kind }) => kind).slice(-3)).toEqual(['chosen', 'message', 'filled'])
    expect(session.outbox.getSnapshot()).toEqual([])
  })

  it('drops quietly what somebody answered already', async () => {
    const session = await guided()
    server.refusal = 'flow.over'
    session.choose('bill', '查话费')
    await settled()
    expect(session.outbox.getSnapshot()).toEqual([])
    expect(shown(session)).toEqual(['[查话费]'])
  })

  it('begins a conversation with the form it is greeted with', async () => {
    const fields = [{ name: 'phone', label: '号码', kind: 'phone', is_required: true, options: [], max_chars: 25 }] as const
    server.entry = { flow: 'other:1', step: { ...step, options: [], fields }, offers_person: false }
    const session = begin()
    session.fill([{ name: 'phone', label: '号码', value: '10086' }])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.events.map(({ kind }) => kind)).toEqual(['assisted', 'filled'])
    expect(session.outbox.getSnapshot()).toEqual([])
    expect(session.begun('form')).toBe('')
  })

  it.each([
    ['flow.over', (session: Session) => session.choose('bill', '查话费')],
    ['request.invalid', (session: Session) => session.fill([{ name: 'phone', label: '号码', value: '10086' }])],
  ])('greets anew when the greeting that was answered is another by now: %s', async (code, answer) => {
    const session = begin()
    await settled()
    server.entry = { flow: 'other:2', step: { ...step, text: '新的问候' }, offers_person: true }
    server.refusals = { 'conversation:start': code }
    answer(session)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(session.outbox.getSnapshot()).toEqual([])
    expect(session.getSnapshot()).toMatchObject({ conversation: null, entry: { step: { text: '新的问候' } } })
  })

  it('begins another conversation with words that came as self-service ended it', async () => {
    const session = await guided()
    const first = session.getSnapshot().conversation?.id
    server.refusals = { 'conversation:send_message': 'conversation.closed' }
    session.write('等一下')
    await settled()
    expect(session.getSnapshot().conversation?.id).not.toBe(first)
    expect(shown(session)).toEqual(['等一下'])
  })

  it('sends no form whose conversation is over', async () => {
    const session = await guided()
    server.append('closed', { cause: 'solved' }, { kind: 'system', id: '', name: '' })
    session.fill([{ name: 'phone', label: '号码', value: '10086' }])
    await settled()
    expect(session.outbox.getSnapshot()).toMatchObject([{ state: 'failed', error: { code: 'conversation.closed' } }])
    expect(server.asked.filter((one) => one === 'conversation:start')).toHaveLength(1)
  })

  it('keeps a refused form and what is wrong with it over a reload, until it is put right', async () => {
    const before = await guided()
    const field = { name: 'phone', label: '号码', value: '1' }
    server.refusal = 'flow.form_invalid'
    server.refusalData = { fields: { phone: 'not_phone' } }
    before.keep('form', 'begun')
    before.fill([field])
    await settled()
    before.connection.close()
    before.outbox.close()
    server.refusal = null
    const after = begin()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(after.outbox.getSnapshot()).toMatchObject([
      { state: 'failed', error: { data: { fields: { phone: 'not_phone' } } } },
    ])
    expect(after.begun('form')).toBe('begun')
    after.fill([{ ...field, value: '10086' }])
    await settled()
    expect(after.outbox.getSnapshot()).toEqual([])
    expect(after.begun('form')).toBe('')
    expect(server.events.filter(({ kind }) => kind === 'filled')).toHaveLength(1)
  })

  it('lets a person be asked for at once, with a question, and asks for one only once', async () => {
    const session = begin()
    session.askPerson('找人工', '套餐怎么退')
    session.askPerson('找人工')
    expect(shown(session)).toEqual(['找人工 sending', '套餐怎么退 sending'])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(session.getSnapshot().conversation).toMatchObject({ status: 'waiting' })
    expect(shown(session)).toEqual(['套餐怎么退'])
    session.askPerson('找人工')
    await settled()
    expect(session.outbox.getSnapshot()).toEqual([])
    expect(server.asked.filter((name) => name === 'conversation:start')).toHaveLength(1)
  })

  it('greets again after a conversation that had no need of it', async () => {
    localStorage.setItem('wecc:gd:token', 'token-0')
    server.emit('conversation:start', { text: '你好', client_id: 'other-tab-1', wants_person: true }, () => {})
    const session = begin()
    await settled()
    expect(session.getSnapshot()).toMatchObject({ conversation: { status: 'waiting' }, entry: null })
    server.append('closed', { cause: 'visitor' }, { kind: 'visitor', id: 'v1', name: '' })
    session.startAgain()
    await settled()
    expect(session.getSnapshot().entry?.step).toEqual(step)
  })

  it('counts as unread what it says while nobody looks', async () => {
    const session = await guided()
    session.see(false)
    server.assist()
    expect(session.getSnapshot().unread).toBe(1)
    session.see(true)
    expect(session.getSnapshot().unread).toBe(0)
  })

  it('greets whom the page knows as himself', async () => {
    const host = new Host()
    let identify: (token: string) => void = () => {}
    vi.spyOn(host, 'hear').mockImplementation((heard) => (identify = heard.identify))
    const session = new Session('gd', host, server)
    sessions.push(session)
    identify('signed')
    await vi.advanceTimersByTimeAsync(2_000)
    const order = server.asked.filter((what) => /entry|identify|resume/.test(what))
    expect(order.at(-1)).toContain('/flows/entry')
    expect(order).toContain('visitor:identify')
    expect(server.greeted.at(-1)).toBe('Bearer token-1')
  })
})

it('shutdown leaves nothing', async () => {
  const heard: unknown[] = []
  const host = new Host()
  vi.spyOn(host, 'tell').mockImplementation((message) => heard.push(message))
  let shutdown = () => {}
  vi.spyOn(host, 'hear').mockImplementation((given) => (shutdown = given.shutdown))
  const session = new Session('gd', host, server)
  sessions.push(session)
  session.write('你好')
  session.keep('draft', '草稿')
  session.mute(true)
  await vi.advanceTimersByTimeAsync(2_000)
  shutdown()
  expect([localStorage.length, sessionStorage.length]).toEqual([0, 0])
  expect(shown(session)).toEqual([])
  expect(heard.at(-1)).toEqual({ type: 'gone' })
})
