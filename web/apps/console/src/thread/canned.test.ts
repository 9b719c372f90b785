import { expect, it } from 'vitest'

import { cannedFilter, filled, matching } from './canned'

const reply = (shortcut: string, locale: 'zh-CN' | 'en' = 'zh-CN', title = '', text = '') => ({
  id: shortcut,
  shortcut,
  title,
  text,
  locale,
})

it('asks for a canned reply at a slash that begins a word', () => {
  expect(cannedFilter('/', 1)).toEqual({ start: 0, filter: '' })
  expect(cannedFilter('您好 /账单', 6)).toEqual({ start: 3, filter: '账单' })
  expect(cannedFilter('/bill 已发', 5)).toEqual({ start: 0, filter: 'bill' })
})

it('leaves addresses and fractions alone', () => {
  expect(cannedFilter('https://gd.example/roaming', 26)).toBeNull()
  expect(cannedFilter('1/2', 3)).toBeNull()
  expect(cannedFilter('/bill ', 6)).toBeNull()
})

it("offers the visitor's language first, then the shortcuts that begin so", () => {
  const all = [
    reply('rebill'),
    reply('hello', 'en', 'bill'),
    reply('bill'),
    reply('x', 'zh-CN', '', 'a bill'),
  ]
  expect(matching(all, 'BILL', 'zh-CN').map((one) => one.id)).toEqual(['bill', 'rebill', 'x', 'hello'])
  expect(matching(all, 'none', 'zh-CN')).toEqual([])
})

it('fills in the names', () => {
  expect(filled('您好{visitor}，我是{agent}。{visitor}', { visitor: '$&', agent: '林' })).toBe(
    '您好$&，我是林。$&',
  )
})
