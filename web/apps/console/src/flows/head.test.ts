import { expect, it } from 'vitest'

import { copyOf, freeCode, isShared, tiersIn, usedBy } from './head'

const named = { code: 'roam_2', name_zh: '漫游', name_en: 'Roaming: "far"', tiers: ['roaming'] }

it('renames a copy and leaves all else as it is', () => {
  const source =
    '# 说明\nflow: szx\nname: { zh: 神州行, en: Easyown }\ntiers: [szx]\nuses: common\nnodes:\n  name: {}\n'
  expect(copyOf(source, named)).toBe(
    '# 说明\nflow: roam_2\nname: { zh: "漫游", en: "Roaming: \\"far\\"" }\ntiers: [roaming]\nuses: common\nnodes:\n  name: {}\n',
  )
})

it('replaces entries over several lines, and adds what is missing', () => {
  const source = 'flow: szx\nname:\n  zh: 神州行\n  en: Easyown\ntiers:\n- szx\n- vip\n\nstart: welcome\n'
  expect(copyOf(source, { ...named, tiers: [] })).toBe(
    'flow: roam_2\nname: { zh: "漫游", en: "Roaming: \\"far\\"" }\ntiers: []\n\nstart: welcome\n',
  )
  expect(copyOf('start: welcome\n', named).split('\n').slice(0, 4)).toEqual([
    'flow: roam_2',
    'name: { zh: "漫游", en: "Roaming: \\"far\\"" }',
    'tiers: [roaming]',
    'start: welcome',
  ])
})

it('finds a free code', () => {
  expect(freeCode('szx', new Set())).toBe('szx')
  expect(freeCode('szx', new Set(['szx', 'szx_2']))).toBe('szx_3')
})

it('reads the head of a text that may be half written', () => {
  expect(tiersIn('flow: a\ntiers: [szx, vip]\n')).toEqual(['szx', 'vip'])
  expect(tiersIn('tiers:\n  - szx\n  - vip\nstart: a')).toEqual(['szx', 'vip'])
  expect(tiersIn('tiers: [sz')).toEqual([])
  expect(usedBy('uses: common # nodes\n')).toBe('common')
  expect(usedBy('uses:\n')).toBeNull()
  expect(isShared('flow: common\nnodes:\n  start:\n    end: true\n')).toBe(true)
  expect(isShared('flow: a\nstart: b\n')).toBe(false)
})
