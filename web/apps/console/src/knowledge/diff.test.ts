import { describe, expect, it } from 'vitest'

import { diffLines, folded } from './diff'

/** `=` same, `~` changed, `-` removed, `+` added; what a side has alone stands in brackets. */
const told = (left: string, right: string): readonly string[] =>
  diffLines(left, right).map((row) => {
    const side = (spans: typeof row.left) =>
      spans?.map(({ text, isOwn }) => (isOwn ? `[${text}]` : text)).join('') ?? ''
    switch (row.kind) {
      case 'same':
        return `= ${side(row.left)}`
      case 'changed':
        return `~ ${side(row.left)} > ${side(row.right)}`
      case 'added':
        return `+ ${side(row.right)}`
      case 'removed':
        return `- ${side(row.left)}`
    }
  })

describe('two texts', () => {
  it('that are equal have no difference', () => {
    expect(told('甲\n乙', '甲\n乙')).toEqual(['= 甲', '= 乙'])
  })

  it('are compared line by line, changed lines word by word', () => {
    expect(told('标题\n月费 19 元\n尾', '标题\n月费 29 元\n新的一行\n尾')).toEqual([
      '= 标题',
      '~ 月费 [19] 元 > 月费 [29] 元',
      '+ [新的一行]',
      '= 尾',
    ])
  })

  it('tell what was removed in the middle', () => {
    expect(told('a\nb\nc\nd', 'a\nd')).toEqual(['= a', '- [b]', '- [c]', '= d'])
  })

  it('that share nothing are told whole', () => {
    expect(told('完全不同的话', 'hello')).toEqual(['~ [完全不同的话] > [hello]'])
  })

  it('always add up to both sides again', () => {
    const words = ['a', 'b', 'c', '']
    let seed = 7
    const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648)
    for (let round = 0; round < 300; round += 1) {
      const text = () => Array.from({ length: next() % 9 }, () => words[next() % 4]).join('\n')
      const [left, right] = [text(), text()]
      const rows = diffLines(left, right)
      const side = (which: 'left' | 'right') =>
        rows.flatMap((row) => (row[which] ? [row[which].map((span) => span.text).join('')] : [])).join('\n')
      expect([side('left'), side('right')]).toEqual([left, right])
    }
  })

  it('of any size are compared in bearable time', () => {
    const lines = (step: number) => Array.from({ length: 5_000 }, (_, at) => String(at * step)).join('\n')
    const started = performance.now()
    diffLines(lines(1), lines(3))
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

it('folds what is equal, but for the lines around a change', () => {
  const rows = diffLines('1\n2\n3\n4\n5\n6\n7', '1\n2\n3\n4\n5\n6\n8')
  expect(folded(rows, 2).map((row) => (row.kind === 'folded' ? row.count : row.kind))).toEqual([
    4,
    'same',
    'same',
    'changed',
  ])
})
