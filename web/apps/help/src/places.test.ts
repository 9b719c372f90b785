import { expect, it } from 'vitest'

import { articleOf, haveSameList, haveSameQuestion, isWithin, searchUrl } from './places'

const at = (path: string) => new URL(path, 'https://cc.example.cn')

it('knows when the list beside the document can stay', () => {
  const results = at('/help/gd?q=宽带&lang=en')
  expect(haveSameList(results, at('/help/gd/articles/a1?lang=en&q=宽带'))).toBe(true)
  expect(haveSameList(at('/help/gd/articles/a1?category=kd'), at('/help/gd/articles/a2?category=kd'))).toBe(true)
  expect(haveSameList(results, at('/help/gd/articles/a1?q=宽带'))).toBe(false) // another language
  expect(haveSameList(results, at('/help/gd/articles/a1?q=流量&lang=en'))).toBe(false)
  expect(haveSameList(at('/help/gd?category=kd&offset=30'), at('/help/gd?category=kd'))).toBe(false)
  expect(haveSameList(at('/help/gd'), at('/help/gd/articles/a1'))).toBe(false) // each has its own
})

it('knows a question from a new one', () => {
  const results = at('/help/gd?q=宽带')
  expect(haveSameQuestion(results, at('/help/gd?lang=en&q=宽带&category=kd'))).toBe(true)
  expect(haveSameQuestion(results, at('/help/gd?q=宽带移机'))).toBe(false)
  expect(haveSameQuestion(at('/help/gd'), at('/help/gd?category=kd'))).toBe(false)
})

it('reads the article from the address', () => {
  expect(articleOf(at('/help/gd/articles/a1?q=x'))).toBe('a1')
  expect(articleOf(at('/help/gd?q=/articles/a1'))).toBe('')
})

it('goes to its own places itself and leaves the others to the browser', () => {
  const here = at('/help/gd/articles/a1?q=x')
  for (const path of ['/help/gd', '/help/gd?q=y', '/help/gd/articles/a2', '/help/gd/articles/a1?q=x'])
    expect(isWithin(at(path), here)).toBe(true)
  for (const path of ['/help/sz', '/help/gdx', '/console', '/help/gd/files/f1', '/help/gd/articles/a1?q=x#main'])
    expect(isWithin(at(path), here)).toBe(false)
  expect(isWithin(new URL('https://evil.example/help/gd'), here)).toBe(false)
})

it('searches with what the form says, and nothing else', () => {
  const fields = [
    ['lang', 'en'],
    ['q', ' 宽带 & 移机 '],
    ['embed', ''],
  ] as const
  const url = searchUrl('https://cc.example.cn/help/gd?q=old', fields)
  expect([...url.searchParams]).toEqual([
    ['lang', 'en'],
    ['q', '宽带 & 移机'],
  ])
})
