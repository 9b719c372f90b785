import type { LogEvent } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { newestWords } from './suggestions'

let seq = 0
const event = (kind: string, body: unknown, sender: 'visitor' | 'agent' | 'system' = 'visitor') => {
  seq += 1
  return { seq, prev: 0, at_ms: 1, sender: { kind: sender, id: '', name: '' }, client_id: '', kind, body } as LogEvent
}
const says = (text: string, sender: 'visitor' | 'agent' = 'visitor') =>
  event('message', { text, attachments: [] }, sender)
const handedOver = (cause: string, ...texts: string[]) =>
  event('handed_over', { cause, questions: texts.map((text) => ({ text })) }, 'system')

it('is what the customer wrote since he was answered', () => {
  expect(newestWords([says('旧问题'), says('好的', 'agent'), says('还有'), says('怎么充值')])).toBe('还有\n怎么充值')
})

it('an answered customer asks nothing', () => {
  expect(newestWords([says('怎么充值'), says('请看这里', 'agent')])).toBe('')
})

it('is his last question to self-service when he wrote nothing himself', () => {
  expect(newestWords([handedOver('flow', '查话费', '多扣了钱')])).toBe('多扣了钱')
})

it('is not the bare wish for a person', () => {
  const said = [says('流量为什么用得这么快'), says('我要找人工')]
  expect(newestWords([...said, handedOver('wish', '流量为什么用得这么快')])).toBe('流量为什么用得这么快')
  expect(newestWords([...said, handedOver('topic', '流量为什么用得这么快')])).toBe('流量为什么用得这么快\n我要找人工')
})
