import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { TypingSenders, TypingSignal } from './typing'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('signals at most every 3 s and once at the end', () => {
  const sent: boolean[] = []
  const signal = new TypingSignal((isTyping) => sent.push(isTyping))
  for (let i = 0; i < 70; i += 1) {
    signal.typed()
    vi.advanceTimersByTime(100)
  }
  expect(sent).toEqual([true, true, true])
  signal.stop()
  signal.stop()
  expect(sent).toEqual([true, true, true, false])
})

it('stops by itself when the keys rest', () => {
  const sent: boolean[] = []
  new TypingSignal((isTyping) => sent.push(isTyping)).typed()
  vi.advanceTimersByTime(6_000)
  expect(sent).toEqual([true, false])
})

it('forgets who is not heard of for 6 s', () => {
  const senders = new TypingSenders()
  const agent = { kind: 'agent', id: 'a1', name: '小李' } as const
  senders.heard(agent, true)
  vi.advanceTimersByTime(4_000)
  senders.heard(agent, true)
  vi.advanceTimersByTime(4_000)
  expect(senders.getSnapshot()).toEqual([agent])
  vi.advanceTimersByTime(2_000)
  expect(senders.getSnapshot()).toEqual([])
  senders.heard(agent, true)
  senders.heard(agent, false)
  expect(senders.getSnapshot()).toEqual([])
  senders.heard(agent, true)
  senders.clear()
  expect(senders.getSnapshot()).toEqual([])
})
