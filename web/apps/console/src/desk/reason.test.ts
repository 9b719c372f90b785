import type { Reason } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { texts } from '../texts'
import { distance, explain } from './reason'

const reason = (change: Partial<Reason>): Reason => ({
  policy: 'gap',
  tier: 'signed',
  rate: 81,
  target: 85,
  gap: -4,
  wait_ms: 70_000,
  candidates: [],
  ...change,
})

it('says the operator’s rule as a sentence', () => {
  expect(explain(reason({}), '林晓雯', '普通签约', texts['zh-CN'])).toBe(
    '普通签约：接通率 81%，目标 85%，已等 1′10″，低于目标 4 个百分点',
  )
  expect(explain(reason({ rate: 90.04, gap: 5 }), '', 'Signed', texts.en)).toBe(
    'Signed: answered 90%, target 85%, waited 1′10″; target met',
  )
})

it('says who picked it, to whom it was handed, and does without figures', () => {
  expect(explain(reason({ policy: 'picked' }), '林晓雯', '', texts['zh-CN'])).toBe('由林晓雯从队列中选取')
  expect(explain(reason({ policy: 'direct' }), '林晓雯', '', texts['zh-CN'])).toBe('转接给林晓雯')
  expect(explain(reason({ rate: null }), '', '神州行', texts['zh-CN'])).toBe('神州行：等待最久，已等 1′10″')
})

it('names the widest gap only where there was a choice', () => {
  const candidates = ['signed', 'szx'].map((tier) => ({ tier, rate: 81, target: 85, gap: -4, wait_ms: 0 }))
  expect(explain(reason({ candidates }), '', '普通签约', texts['zh-CN'])).toMatch('，当前差距最大')
})

it('writes distances with their sign', () => {
  expect([distance(81, 85), distance(85, 85), distance(90.25, 85)]).toEqual(['−4', '0', '+5.3'])
})
