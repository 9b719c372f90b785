import type { FlowField } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { flawOf, isFlaw, tidied } from './fields'

const field = (kind: FlowField['kind'], rest: Partial<FlowField> = {}): FlowField => ({
  name: 'it',
  label: '',
  kind,
  is_required: true,
  options: ['全球通', '动感地带'],
  max_chars: 20,
  ...rest,
})

it.each([
  ['text', '', 'required'],
  ['text', ' 王 ', null],
  ['text', '一'.repeat(21), 'too_long'],
  ['phone', '１３８００１３８０００', null],
  ['phone', '138 0013 8000', null],
  ['phone', '1380013800', 'not_phone'],
  ['phone', '10086', null],
  ['phone', '1008', 'not_phone'],
  ['phone', '(0571) 8888 6666', null],
  ['phone', '+1 415 555 0100', null],
  ['phone', '无', 'not_phone'],
  ['number', '１２．５', null],
  ['number', '-3', null],
  ['number', '十二', 'not_number'],
  ['date', '2026-02-28', null],
  ['date', '28.2.2026', 'not_date'],
  ['choice', '动感地带', null],
  ['choice', '别的', 'not_choice'],
  ['long_text', '第一行\n第二行', null],
] as const)('%s %j: %s', (kind, typed, flaw) => {
  const one = field(kind)
  expect(flawOf(one, tidied(one, typed))).toBe(flaw)
})

it('what need not be filled in may be empty, but not wrong', () => {
  const optional = field('phone', { is_required: false })
  expect(flawOf(optional, tidied(optional))).toBeNull()
  expect(flawOf(optional, '12')).toBe('not_phone')
})

it('knows the server’s words for what is wrong', () => {
  expect(isFlaw('too_small')).toBe(true)
  expect(isFlaw('constructor')).toBe(false)
})
