import { expect, it } from 'vitest'

import { dictionary, localeOf, translator } from './i18n'

const words = dictionary({ hello: '您好,{name}' }, { hello: 'Hello {name}' })

it('fills placeholders, whatever they hold', () => {
  expect(translator(words, 'zh-CN')('hello', { name: '$& {name}' })).toBe('您好,$& {name}')
  expect(translator(words, 'en')('hello')).toBe('Hello {name}')
})

it('needs the same keys in both languages', () => {
  // @ts-expect-error a word is missing in English
  dictionary({ a: '甲', b: '乙' }, { a: 'A' })
  // @ts-expect-error a word is missing in Chinese
  dictionary({ a: '甲' }, { a: 'A', b: 'B' })
})

it('chooses a locale for a language tag', () => {
  expect(['zh', 'zh-Hans-CN', 'en-GB', 'fr', '', null].map((tag) => localeOf(tag))).toEqual([
    'zh-CN',
    'zh-CN',
    'en',
    'en',
    'zh-CN',
    'zh-CN',
  ])
})
