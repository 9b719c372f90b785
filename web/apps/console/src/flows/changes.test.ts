import { expect, it } from 'vitest'

import { diffLines } from '../knowledge/diff'
import { changesOf, takenBack } from './changes'

const text = (...lines: string[]): string => lines.join('\n')
const base = text('flow: a', 'one', 'two', 'three', 'four', 'five')
const theirs = text('flow: a', 'eins', 'two', 'three', 'vier', 'five', 'sechs')
const mine = text('flow: a', 'one', 'two', 'tres', 'three', 'cuatro', 'five')

it('tells whose change it is', () => {
  const changes = changesOf(diffLines(theirs, mine), base)
  expect(changes.map(({ by }) => by)).toEqual(['them', 'me', 'both', 'them'])
  expect(changesOf(diffLines(theirs, mine), null).map(({ by }) => by)).toEqual([null, null, null, null])
})

it('tells who deleted lines', () => {
  const without = (line: string) => base.replace(`${line}\n`, '')
  const [change] = changesOf(diffLines(base, without('three')), base)
  expect(change?.by).toBe('me')
  const [other] = changesOf(diffLines(without('three'), base), base)
  expect(other?.by).toBe('them')
})

it('takes back what only they changed, and keeps the rest', () => {
  const rows = diffLines(theirs, mine)
  const ofThem = changesOf(rows, base).filter(({ by }) => by === 'them')
  expect(takenBack(rows, ofThem)).toBe(
    text('flow: a', 'eins', 'two', 'tres', 'three', 'cuatro', 'five', 'sechs'),
  )
})

it('ends at their text, whatever is taken back first', () => {
  for (const pick of [0, -1]) {
    let now = mine
    for (let left = 9; now !== theirs && left; left -= 1) {
      const rows = diffLines(theirs, now)
      now = takenBack(rows, [changesOf(rows, base).at(pick)!])
    }
    expect(now).toBe(theirs)
  }
})
