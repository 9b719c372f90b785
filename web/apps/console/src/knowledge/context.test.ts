import { WeccError } from '@wecc/realtime'
import { expect, it } from 'vitest'

import { texts } from '../texts'
import { problemText, troubleText } from './context'
import { knowledgeTexts } from './texts'

const zh = knowledgeTexts['zh-CN']

it('says what is wrong with the article where it is known, and else what the desk or the console say', () => {
  const said = (code: string, data = {}) =>
    problemText(new WeccError({ code, data }), zh, texts['zh-CN'])
  const gone = { fields: { 'content.file_ids': 'a file is not there' } }
  expect(said('request.invalid', gone)).toBe(zh.invalid['content.file_ids'])
  expect(said('request.invalid', { fields: { other: 'x' } })).toBe(texts['zh-CN'].errors['request.invalid'])
  expect(said('article.live')).toBe(zh.errors['article.live'])
  expect(said('category.not_empty', { categories: 2, articles: 3 })).toBe(zh.tree.notEmpty(2, 3))
})

it('says in words why a target takes nothing, and as it was told what is not known', () => {
  expect(troubleText('No space left on device', zh)).toBe('磁盘已满')
  expect(troubleText('PUT: 507', zh)).toBe('PUT: 507')
})
