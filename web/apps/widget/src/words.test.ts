import { translator } from '@wecc/ui'
import { describe, expect, it } from 'vitest'

import { errorText, lostFor, waitText, words } from './words'

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
