import { expect, it } from 'vitest'

import { type LogWords, notedOf } from './log-words'
import { knowledgeTexts } from './texts'

const words: LogWords = {
  texts: knowledgeTexts['zh-CN'],
  moment: (at_ms) => `@${at_ms}`,
  nameOf: (id) => ({ a1: '赵敏', web: '网站' })[id],
}

it.each([
  [
    'fields before and after, only those that differ',
    {
      title: '题',
      before: { version: 1, stage: 'draft', title: 'x' },
      after: { version: 2, stage: 'draft', title: 'y' },
    },
    [
      { name: '版本', before: '1', after: '2' },
      { name: '标题', before: 'x', after: 'y' },
    ],
  ],
  [
    'a stage that became another',
    { before: 'approved', after: 'archived' },
    [{ name: '变化', before: '已通过', after: '已归档' }],
  ],
  ['what was new', { after: ['资费', '套餐'] }, [{ name: '变化', before: '无', after: '资费、套餐' }]],
  [
    'people, targets and times by name',
    { reviewers: ['a1', 'zz'], targets: ['web'], until_ms: 5 },
    [
      { name: '审核人', before: null, after: '赵敏、zz' },
      { name: '目标', before: null, after: '网站' },
      { name: '恢复', before: null, after: '@5' },
    ],
  ],
  ['nothing for what is empty', { comment: '', until_ms: null, find: {} }, []],
  [
    'what of the content changed',
    { changed: ['body', 'file_ids'] },
    [{ name: '改动', before: null, after: '正文、附件' }],
  ],
])('tells %s', (_, data, noted) => expect(notedOf(data, words)).toEqual(noted))
