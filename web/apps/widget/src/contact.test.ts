import type { LogEvent } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { flawOf, leftContact, masked, tidied } from './contact'

it.each([
  '13800138000',
  '138 0013 8000',
  '+86 138-0013-8000',
  '0571-88886666',
  '(020) 8888 6666',
  '88886666',
  '+1 310 555 0123',
  'zhang.wei@mail.example.com',
  '张伟@例子.中国',
])('%s reaches somebody', (contact) => {
  expect(flawOf(contact)).toBeNull()
})

it.each([
  ['', 'unknown'],
  ['明天打给我', 'unknown'],
  ['12345', 'unknown'],
  ['1234567890123456', 'unknown'],
  ['zhang@', 'unknown'],
  ['zhang@mail', 'unknown'],
  ['a b@mail.com', 'unknown'],
  ['a@b@mail.com', 'unknown'],
  ['1380013800', 'mobile'],
  ['138001380001', 'mobile'],
])('%j does not: %s', (contact, type) => {
  expect(flawOf(contact)?.type).toBe(type)
})

it('a mobile number that is too short says by how much', () => {
  expect(flawOf('138 0013 800')).toEqual({ type: 'mobile', digits: 10 })
})

it('is taken as a Chinese keyboard writes it', () => {
  expect(tidied(' １３８００１３８０００ ')).toBe('13800138000')
  expect(tidied('zhang＠mail。com')).toBe('zhang@mail.com')
})

it.each([
  ['138 0013 8000', '138****8000'],
  ['+8613800138000', '+86138****8000'],
  ['88886666', '****6666'],
  ['zhang.wei@example.com', 'z***@example.com'],
])('%s is shown as %s', (contact, shown) => {
  expect(masked(contact)).toBe(shown)
})

it('the newest counts', () => {
  const left = (contact: string) => ({ kind: 'contact_left', body: { contact } }) as LogEvent
  expect(leftContact([])).toBeNull()
  expect(leftContact([left('1'), { kind: 'closed' } as LogEvent, left('2')])).toBe('2')
})
