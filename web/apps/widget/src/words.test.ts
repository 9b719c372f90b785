import { translator } from '@wecc/ui'
import { describe, expect, it } from 'vitest'

import { awayText, errorText, lostFor, openingTime, waitText, words } from './words'

const zh = translator(words, 'zh-CN')
const en = translator(words, 'en')

describe('where one stands', () => {
  it.each([
    [{ position: 3, wait_s: [60, 180] as [number, number] }, '您前面还有 2 位', '预计 1–3 分钟'],
    [{ position: 1, wait_s: [5, 40] as [number, number] }, '下一位就是您', '预计不到 1 分钟'],
    [{ position: 2, wait_s: [130, 175] as [number, number] }, '您前面还有 1 位', '预计 2–3 分钟'],
    [{ position: 2, wait_s: [180, 180] as [number, number] }, '您前面还有 1 位', '预计约 3 分钟'],
    [null, '已收到，正在为您排队', ''],
  ])('%j', (place, first, then) => {
    expect(waitText(zh, place)).toEqual({ first, then })
  })

  it('is not promised when nobody is there', () => {
    expect(waitText(en, { position: 4, wait_s: null }).first).toBe('No agent is there right now')
    expect(waitText(zh, { position: 4, wait_s: null }).then).toContain('已经保留')
  })
})

describe('when nobody can chat', () => {
  const at = (text: string) => new Date(text).getTime()
  const thursday_ms = at('2026-03-05T20:00:00')

  it.each([
    ['2026-03-05T21:30:00', '今天 21:30', 'today at 21:30'],
    ['2026-03-06T08:00:00', '明天 08:00', 'tomorrow at 08:00'],
    ['2026-03-09T08:00:00', '周一 08:00', 'on Monday at 08:00'],
    ['2026-03-16T08:00:00', '3月16日星期一 08:00', 'on Monday, March 16 at 08:00'],
  ])('the opening %s is told as %s', (opens, inZh, inEn) => {
    expect(openingTime(zh, at(opens), 'zh-CN', thursday_ms)).toBe(inZh)
    expect(openingTime(en, at(opens), 'en', thursday_ms)).toBe(inEn)
  })

  it('the reason is told, when it opens, and that the message is kept', () => {
    const opens_ms = at('2026-03-09T08:00:00')
    const closed = { cause: 'closed', opens_ms, has_contact: false } as const
    const told = awayText(zh, closed, 'zh-CN', thursday_ms)
    expect(told.first).toBe('现在是非工作时间')
    expect(told.then).toMatch(/^我们将于周一 08:00 开始服务。您的留言已保存/)
    expect(awayText(en, closed, 'en', thursday_ms).then).toMatch(/^We open on Monday at 08:00\. Your message/)
  })

  it('an opening that has passed is not announced', () => {
    const told = awayText(
      zh,
      { cause: 'closed', opens_ms: thursday_ms, has_contact: false },
      'zh-CN',
      thursday_ms,
    )
    expect(told.first).toBe('我们已开始服务')
    expect(told.then).not.toContain('将于')
  })

  it.each([
    ['closed', '现在是非工作时间'],
    ['nobody', '现在没有客服在线'],
    ['full', '现在咨询的人很多'],
    ['chosen', '已转为留言'],
  ] as const)('%s without a time: %s', (cause, first) => {
    const told = awayText(zh, { cause, opens_ms: null, has_contact: false }, 'zh-CN', thursday_ms)
    expect(told.first).toBe(first)
    expect(told.then).toMatch(/^您的留言已保存/)
  })
})

it('every placeholder of a text exists in both languages', () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
  for (const key of Object.keys(words.en) as (keyof typeof words.en)[])
    expect(names(words.en[key]), key).toEqual(names(words['zh-CN'][key]))
})

it('errors have words, unknown ones too', () => {
  expect(errorText(zh, 'attachment.type_refused')).toBe('不支持这种文件')
  expect(errorText(en, 'request.too_large', '10 MB')).toBe('The file is over 10 MB')
  expect(errorText(zh, 'something.new')).toBe('出了点问题，请稍后再试')
})

it('a long loss says how long', () => {
  expect(lostFor(zh, 0, 5_000)).toBe('连接中断，正在重新连接')
  expect(lostFor(zh, 0, 80_000)).toBe('连接已中断 1′20″，仍在重新连接')
})
