import { expect, it } from 'vitest'

import { proposals, type Vocabulary } from './completion'

const vocabulary: Vocabulary = {
  nodes: [
    { id: 'welcome', text: '您好' },
    { id: 'bills', text: '话费' },
  ],
  tiers: [{ code: 'szx', name: '神州行' }],
  shared: ['common'],
}

const at = (text: string, isAsked = false) => {
  const found = proposals(text.split('\n'), vocabulary, isAsked)
  return found && { typed: found.typed, labels: found.options.map((one) => one.label) }
}

it('proposes nodes where one goes to, also inside an option', () => {
  expect(at('    go: ')).toEqual({ typed: 0, labels: ['welcome', 'bills', 'home'] })
  expect(at('      - { label: { zh: 账单, en: Bills }, go: bi')).toEqual({
    typed: 2,
    labels: ['welcome', 'bills', 'home'],
  })
  expect(at('start: w')).toEqual({ typed: 1, labels: ['welcome', 'bills'] })
})

it('proposes what else a key can hold', () => {
  expect(at('tiers: [vip, s')).toEqual({ typed: 1, labels: ['szx'] })
  expect(at('uses: ')).toEqual({ typed: 0, labels: ['common'] })
  expect(at('    hand_over: { to: ')?.labels).toContain('account_manager')
  expect(at('offers_person: a')?.labels).toEqual(['at_once', 'after_unsolved', 'never'])
})

it.each([
  ['fl', 'flow'],
  ['nodes:\n  welcome:\n    me', 'menu'],
  ['nodes:\n  welcome:\n    menu:\n      - { la', 'label'],
  ['nodes:\n  welcome:\n    menu:\n      - { label: { zh: a, en: b }, ar', 'article'],
  ['nodes:\n  welcome:\n    form:\n      fields:\n        - na', 'name'],
  ['nodes:\n  welcome:\n    say:\n      z', 'zh'],
  ['nodes:\n  welcome:\n    menu:\n      - { label: { z', 'zh'],
  ['limits: { un', 'unsolved_turns'],
])('proposes the keys possible in %j', (text, key) => expect(at(text)?.labels).toContain(key))

it('is silent where texts are written, and without a letter unless it is asked', () => {
  expect(at('      zh: 请选择')).toBeNull()
  expect(at('# go: ')).toBeNull()
  expect(at('nodes:\n  welcome:\n    ')).toBeNull()
  expect(at('nodes:\n  welcome:\n    ', true)?.labels).toContain('say')
})
