import { expect, it } from 'vitest'

import { asReply } from './reply'

it('a table becomes lines, a heading bold', () => {
  const body = '## 价格\n\n| 套餐 | 月费 |\n|---|---|\n| 轻简 | 19 元 |\n| 日常 | 59 元 |'
  expect(asReply(body, null)).toBe('**价格**\n\n- **轻简** · 月费 19 元\n- **日常** · 月费 59 元')
})

it('keeps steps, bold and links', () => {
  expect(asReply('1. 登录\n2. 点**确认**，见[说明](https://a.example/x)', null)).toBe(
    '1. 登录\n2. 点**确认**，见[说明](https://a.example/x)',
  )
})

it('what is too long ends with the way to the rest', () => {
  const long = Array.from({ length: 5 }, (_, at) => `第 ${at} 段` + '字'.repeat(300)).join('\n\n')
  const reply = asReply(long, { url: 'https://a.example/help/gd/articles/1', words: '全文：' })
  expect(reply.length).toBeLessThan(1000)
  expect(reply.endsWith('全文：https://a.example/help/gd/articles/1')).toBe(true)
})

it('a picture leaves its words', () => {
  expect(asReply('![按键示意图](file:abc)', null)).toBe('按键示意图')
})
