import type { AssistedBody, HandedOverBody, PreviewTurn, Said } from '@wecc/protocol'
import { expect, it } from 'vitest'

import { conversation } from './turns'

const step = (node: string, change: Partial<AssistedBody> = {}): PreviewTurn => ({
  assisted: {
    flow: 'szx:1',
    node,
    text: node,
    options: [],
    articles: [],
    fields: [],
    question_id: '',
    unsolved_turns: 0,
    ...change,
  },
  handed_over: null,
  closed: '',
})
const handedOver: PreviewTurn = {
  assisted: null,
  handed_over: { cause: 'wish' } as HandedOverBody,
  closed: '',
}
const said = (change: Partial<Said>): Said => ({ text: '', option: '', fields: [], ...change })
const shape = (found: ReturnType<typeof conversation>) =>
  found.lines.map((line) =>
    line.kind === 'ours' ? line.step.node : line.kind === 'theirs' ? line.said : line.kind,
  )

it('puts what was said before what follows from it, options by their labels', () => {
  const menu = step('welcome', { options: [{ id: 'bills', label: '账单', key: '1', kind: 'go' }] })
  const form = step('form', {
    fields: [{ name: 'phone', label: '电话', kind: 'phone', is_required: true, options: [], max_chars: 20 }],
  })
  const found = conversation(
    [said({ option: 'bills' }), said({ fields: [{ name: 'phone', value: '138' }] }), said({ text: '余额' })],
    [menu, form, step('done'), step('answer')],
  )
  expect(shape(found)).toEqual([
    'welcome',
    { kind: 'text', text: '账单' },
    'form',
    { kind: 'fields', fields: [{ label: '电话', value: '138' }] },
    'done',
    { kind: 'text', text: '余额' },
    'answer',
  ])
  expect(found).toMatchObject({ unheard: 0, hasEnded: false, step: { node: 'answer' } })
})

it('keeps the words before a hand-over with it, and counts what is not heard any more', () => {
  const found = conversation(
    [said({ text: '转人工' }), said({ text: '还在吗' }), said({ text: '喂' })],
    [step('welcome'), step(''), handedOver],
  )
  expect(shape(found)).toEqual(['welcome', { kind: 'text', text: '转人工' }, '', 'handed_over'])
  expect(found).toMatchObject({ unheard: 2, hasEnded: true, step: null })
})

it('a flow may lead straight to a person', () => {
  const found = conversation([said({ text: '喂' })], [step(''), handedOver])
  expect(shape(found)).toEqual(['', 'handed_over'])
  expect(found).toMatchObject({ unheard: 1, hasEnded: true })
})
