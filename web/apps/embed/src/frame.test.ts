import { FRAME_VERSION, type PanelMessage } from '@wecc/protocol'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { frames, openFrame, type Frame } from './frame'

const ORIGIN = 'https://cc.example.cn'
let frame: Frame
let heard: PanelMessage[]
let told: { type: string }[]

const say = (
  data: unknown,
  { origin = ORIGIN, source = frame.element.contentWindow as Window | null } = {},
) => dispatchEvent(new MessageEvent('message', { data, origin, source }))

beforeEach(() => {
  document.documentElement.lang = 'zh-CN'
  heard = []
  told = []
  frame = openFrame(document.body, ORIGIN, { center: 'gd' }, false, (message) => heard.push(message))
  vi.spyOn(frame.element.contentWindow!, 'postMessage').mockImplementation(((
    message: { type: string },
    target: string,
  ) => {
    expect(target).toBe(ORIGIN)
    told.push(message)
  }) as Window['postMessage'])
})
afterEach(() => frame.remove())

it('is the center’s panel, with a title and what it may use', () => {
  expect(frame.element.src).toBe(`${ORIGIN}/widget/gd`)
  expect(frame.element.title).toBe('在线客服')
  expect(frame.element.allow).toBe('microphone; camera; clipboard-write')
})

it('waits for the panel to load, then greets it first', () => {
  frame.tell({ type: 'visible', isOpen: true, isByVisitor: true })
  expect(told).toEqual([])
  frame.element.onload!(new Event('load'))
  expect(told.map(({ type }) => type)).toEqual(['hello', 'visible'])
  expect(told[0]).toMatchObject({ wecc: FRAME_VERSION, locale: 'zh-CN', theme: 'auto', isInline: false })
})

it('tells the page without query and fragment, also after a move', () => {
  frame.element.onload!(new Event('load'))
  history.pushState({}, '', '/plans?phone=13800000101#pay')
  dispatchEvent(new PopStateEvent('popstate'))
  expect(told.at(-1)).toMatchObject({ type: 'page', page: { url: `${location.origin}/plans` } })
  expect(JSON.stringify(told)).not.toContain('13800000101')
})

it('hears the panel and nobody else', () => {
  say({ type: 'unread', count: 1, wecc: FRAME_VERSION }, { origin: 'https://evil.cn' })
  say({ type: 'unread', count: 2, wecc: FRAME_VERSION }, { origin: `${ORIGIN}.evil.cn` })
  say({ type: 'unread', count: 3, wecc: FRAME_VERSION }, { source: window })
  say({ type: 'unread', count: 4, wecc: FRAME_VERSION + 1 })
  say({ type: 'unread', count: 5 })
  say(null)
  say('unread')
  expect(heard).toEqual([])
  say({ type: 'unread', count: 6, wecc: FRAME_VERSION })
  expect(heard).toMatchObject([{ type: 'unread', count: 6 }])
})

it('ends when the panel has forgotten the visitor', async () => {
  frame.element.onload!(new Event('load'))
  const ended = frame.end()
  expect(told.at(-1)).toMatchObject({ type: 'shutdown' })
  expect(frame.element.isConnected).toBe(true)
  say({ type: 'gone', wecc: FRAME_VERSION })
  await ended
  expect(frame.element.isConnected).toBe(false)
  expect(frames.size).toBe(0)
})

it('ends even if the panel never answers', async () => {
  vi.useFakeTimers()
  const ended = frame.end()
  await vi.advanceTimersByTimeAsync(1_000)
  await ended
  expect(frame.element.isConnected).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

it('hears nothing after its removal', () => {
  const source = frame.element.contentWindow
  frame.remove()
  say({ type: 'unread', count: 1, wecc: FRAME_VERSION }, { source })
  expect(heard).toEqual([])
})
