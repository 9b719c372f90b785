import { expect, it } from 'vitest'

import { flowTexts } from '.'

/** All plain texts of a dictionary, by their path. */
function* plain(words: object, path = ''): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') yield [`${path}${key}`, value]
    else if (typeof value === 'object') yield* plain(value as object, `${path}${key}.`)
  }
}

it('both languages have the same words', () => {
  const keys = (locale: 'zh-CN' | 'en') => [...plain(flowTexts[locale])].map(([path]) => path)
  expect(keys('en')).toEqual(keys('zh-CN'))
})

it('the Chinese says 座席 and uses full-width punctuation', () => {
  for (const [path, text] of plain(flowTexts['zh-CN'])) {
    expect(text, path).not.toMatch(/坐席/)
    expect(text, path).not.toMatch(/[一-鿿][,;:!?]/)
  }
})
