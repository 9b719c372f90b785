import type { Locale } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { flowTexts } from './texts'
import { problemText } from './words'

const told = (locale: Locale, code: string, about: string) => problemText({ code, about }, flowTexts[locale])

it.each([
  ['tier.unknown', 'gold (vip, szx)', '没有“gold”这个客户群，可用：vip, szx'],
  ['tier.taken', 'szx (easy)', '客户群“szx”已由流程 easy 接待，先从那里去掉它'],
  ['key.unknown', 'strat (start?)', '没有“strat”这个键，是不是 start？'],
  ['key.unknown', 'go:ask', '“go:ask”：冒号要用英文的“:”，后面加空格'],
  ['key.missing', 'ask: say', '“ask”里缺少 say'],
  ['value.unknown', 'boss (queue, senior)', '不能是“boss”，可以是：queue, senior'],
  ['value.unknown', 'true', '只能是 true'],
  ['yaml.colon', '-2', '“-2”：短横“-”后面要有空格'],
])('says what can be done about %s %j', (code, about, text) => expect(told('zh-CN', code, about)).toBe(text))

it('tells what would break elsewhere in words too', () => {
  expect(told('zh-CN', 'users.broken', 'vip:45 target.missing abroad')).toBe(
    '使用它的流程会因此出错：vip 第 45 行：没有“abroad”这个节点',
  )
  expect(told('en', 'uses.broken', 'common:3 type.list ')).toBe(
    'The shared flow has mistakes: common, line 3: A list is expected here',
  )
})

it('shows the code of what it has no words for', () =>
  expect(told('en', 'node.odd', 'ask')).toBe('node.odd: ask'))
