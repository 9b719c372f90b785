import type { OpinionView, TargetView } from '@wecc/protocol'
import { describe, expect, it } from 'vitest'

import { approvedFor, audienceText, toldOf } from './content'
import { emptyContent } from './drafts'
import { flawOf } from './flaw'
import { knowledgeTexts } from './texts'

const telling = {
  texts: knowledgeTexts['zh-CN'],
  locale: 'zh-CN',
  tiers: [{ code: 'vip', name_zh: '全球通VIP', name_en: 'VIP' }],
  groups: [{ code: 'key_accounts', name_zh: '大客户座席群', name_en: 'Key accounts' }],
} as unknown as Parameters<typeof audienceText>[1]

const target = (id: string, is_enabled = true) => ({ id, is_enabled }) as TargetView
const opinion = (verdict: OpinionView['verdict'], ...target_ids: string[]) =>
  ({ verdict, target_ids }) as unknown as OpinionView

describe('where a version may go', () => {
  const targets = [target('web'), target('desk'), target('old', false)]
  const ids = (...opinions: OpinionView[]) => approvedFor(opinions, targets).map((one) => one.id)

  it('is where all who approved let it', () => {
    expect(ids(opinion('approve', 'web', 'desk'), opinion('approve', 'desk'))).toEqual(['desk'])
  })

  it('is anywhere that is enabled when nobody was asked', () => {
    expect(ids()).toEqual(['web', 'desk'])
  })
})

it('tells an audience by its names, and by codes that are unknown', () => {
  expect(audienceText({ kind: 'public', codes: [] }, telling)).toBe('所有人')
  expect(audienceText({ kind: 'agents', codes: ['key_accounts'] }, telling)).toBe('座席 · 大客户座席群')
  expect(audienceText({ kind: 'tiers', codes: ['vip', 'gone'] }, telling)).toBe(
    '部分客户群 · 全球通VIP、gone',
  )
})

it('tells files by their names', () => {
  const content = { ...emptyContent('zh-CN'), file_ids: ['f1', 'f2'] }
  const files = [{ id: 'f1', name: '截图.png', media_type: 'image/png', size_bytes: 1 }]
  expect(toldOf(content, files, telling).find((one) => one.field === 'files')?.text).toBe('截图.png\nf2')
})

describe('an article is not saved', () => {
  const words = knowledgeTexts['zh-CN'].editor
  const whole = { ...emptyContent('zh-CN'), title: '题' }
  const flaw = (part: object, categoryId = 'c1') =>
    flawOf(
      { edited: { baseVersion: 1, categoryId, content: { ...whole, ...part }, files: [], comment: '' } },
      words,
    )

  it.each([
    ['without a title', { title: '  ' }, words.needsTitle],
    ['for no tier', { audience: { kind: 'tiers', codes: [] } }, words.noTiers],
    ['when it ends before it begins', { valid_from_ms: 2, valid_until_ms: 2 }, words.validOrder],
    ['never when nothing is wrong', { valid_from_ms: 1, valid_until_ms: 2 }, null],
  ])('%s', (_, part, told) => expect(flaw(part)).toBe(told))

  it('without a category', () => expect(flaw({}, '')).toBe(words.needsCategory))
})
