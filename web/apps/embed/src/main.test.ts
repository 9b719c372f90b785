import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

const host = () => document.querySelector('wecc-widget')
const button = () => host()!.shadowRoot!.querySelector('button')!
const frame = () => host()!.shadowRoot!.querySelector('iframe')
const wecc = (...call: [command: string, argument?: unknown, listener?: (detail?: unknown) => void]) =>
  window.WECC!(...call)

/** What the panel would say. */
const panelSays = (data: object) =>
  dispatchEvent(
    new MessageEvent('message', {
      data: { ...data, wecc: 1 },
      origin: 'https://cc.example.cn',
      source: frame()!.contentWindow,
    }),
  )

const early: unknown[] = []

beforeAll(async () => {
  CSSStyleSheet.prototype.replaceSync ??= () => {} // jsdom has no constructed sheets
  document.documentElement.lang = 'zh-CN'
  const script = document.createElement('script')
  script.src = 'https://cc.example.cn/embed.js'
  script.dataset['center'] = 'gd'
  script.dataset['boot'] = 'manual'
  Object.defineProperty(document, 'currentScript', { value: script, configurable: true })
  const q = [
    ['on', 'ready', () => early.push('ready')],
    ['boot', { locale: 'en' }],
  ]
  Object.assign(window, { WECC: Object.assign(() => {}, { q }) })
  await import('./main')
})

beforeEach(async () => {
  sessionStorage.clear()
  await vi.waitFor(() => expect(window.WECC?.isLoaded).toBe(true))
  wecc('boot')
})

const shutdown = async () => {
  const ended = wecc('shutdown') as Promise<void>
  if (frame()) panelSays({ type: 'gone' })
  await ended
}

afterEach(shutdown)

it('runs what was called before it had loaded', () => {
  expect(early).toEqual(['ready'])
  expect(button().ariaLabel).toBe('Chat with us')
})

describe('the launcher', () => {
  it('asks the network for nothing before it is used', () => {
    expect(frame()).toBeNull()
    expect(sessionStorage.length).toBe(0)
    expect(document.cookie).toBe('')
  })

  it('speaks the page’s language unless told otherwise', () => {
    expect(button().ariaLabel).toBe('在线客服')
    wecc('update', { locale: 'en-GB' })
    expect(button().ariaLabel).toBe('Chat with us')
  })

  it('opens and closes, and says so', () => {
    const events: string[] = []
    const forget = ['open', 'close'].map((event) => wecc('on', event, () => events.push(event)) as () => void)
    button().click()
    expect(button().ariaExpanded).toBe('true')
    expect(frame()!.src).toBe('https://cc.example.cn/widget/gd')
    panelSays({ type: 'leave' })
    expect(button().ariaExpanded).toBe('false')
    expect(host()!.shadowRoot!.activeElement).toBe(button())
    forget.forEach((stop) => stop())
    wecc('open')
    expect(events).toEqual(['open', 'close'])
  })

  it('shows what is unread, while closed', () => {
    const counts: unknown[] = []
    wecc('on', 'unread', (count) => counts.push(count))
    wecc('open')
    wecc('close')
    panelSays({ type: 'unread', count: 12 })
    const badge = button().querySelector('span')!
    expect([badge.hidden, badge.textContent, button().ariaLabel]).toEqual([false, '9+', '在线客服 (12)'])
    wecc('open')
    expect(badge.hidden).toBe(true)
    expect(counts).toEqual([12])
  })

  it('is hidden and shown, or left out', () => {
    wecc('hide')
    expect(host()).toHaveProperty('hidden', true)
    wecc('show')
    expect(host()).toHaveProperty('hidden', false)
    wecc('update', { launcher: 'hidden' })
    expect(button().hidden).toBe(true)
  })
})

it('remembers a conversation for the next page, and only that', async () => {
  wecc('open')
  expect(sessionStorage.length).toBe(0)
  panelSays({ type: 'conversation_started', conversation_id: 'c1' })
  expect(sessionStorage.getItem('wecc:gd')).toBe('1')
  wecc('close')
  expect(sessionStorage.getItem('wecc:gd')).toBe('0')
  await shutdown()
  sessionStorage.setItem('wecc:gd', '1')
  wecc('boot')
  expect(button().ariaExpanded).toBe('true')
})

it('shutdown leaves nothing, and boot works again', async () => {
  const heard = vi.fn()
  wecc('on', 'open', heard)
  wecc('open')
  panelSays({ type: 'conversation_started', conversation_id: 'c1' })
  await shutdown()
  expect(document.querySelectorAll('wecc-widget, iframe')).toHaveLength(0)
  expect(sessionStorage.length).toBe(0)
  wecc('boot')
  wecc('open')
  expect(frame()).not.toBeNull()
  expect(heard).toHaveBeenCalledTimes(1)
})

it('names a command that it does not have', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  for (const command of ['call', 'escort', 'callback', 'nonsense']) wecc(command)
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    'WECC: “call” is not enabled',
    'WECC: “escort” is not enabled',
    'WECC: “callback” is not enabled',
    'WECC: “nonsense” is not enabled',
  ])
})

it('<wecc-chat> holds the panel itself, and lets go of it', () => {
  const chat = document.createElement('wecc-chat')
  chat.setAttribute('center', 'sz')
  document.body.append(chat)
  expect(chat.shadowRoot!.querySelector('iframe')!.src).toBe('https://cc.example.cn/widget/sz')
  chat.remove()
  expect(chat.shadowRoot!.querySelector('iframe')).toBeNull()
})
