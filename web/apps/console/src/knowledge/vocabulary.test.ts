import { describe, expect, it } from 'vitest'

import { changeOf, merged, readWords, textOf, type Words, wordsOf } from './vocabulary'

describe('words', () => {
  it.each([
    ['流量，数据流量、上网流量', ['流量', '数据流量', '上网流量']],
    ['流量 数据流量  流量', ['流量', '数据流量']],
    ['5G network, fifth generation', ['5G network', 'fifth generation']],
    [' ', []],
  ])('are parted: %j', (row, words) => expect(wordsOf(row)).toEqual(words))

  it('are saved without empty, single and repeated rows', () => {
    expect(
      readWords({ rows: ['甲，乙', '丙', '', '乙、甲'], words: '携号转网\n\n 主套餐 \n携号转网' }),
    ).toEqual({
      synonyms: [['甲', '乙']],
      words: ['携号转网', '主套餐'],
    })
  })

  it('are the same once written and read', () => {
    const words: Words = { synonyms: [['甲', '乙 丙']], words: ['丁'] }
    expect(readWords(textOf(words))).toEqual(words)
  })
})

describe('two who edited at once', () => {
  const base: Words = {
    synonyms: [
      ['甲', '乙'],
      ['丙', '丁'],
    ],
    words: ['一', '二'],
  }
  const mine: Words = {
    synonyms: [
      ['甲', '乙'],
      ['戊', '己'],
    ],
    words: ['一', '二', '三'],
  }
  const theirs: Words = {
    synonyms: [
      ['丙', '丁'],
      ['甲', '乙', '又'],
    ],
    words: ['二', '四'],
  }

  it('are told apart', () => {
    expect(changeOf(base, theirs)).toEqual({ added: ['甲，乙，又', '四'], removed: ['甲，乙', '一'] })
  })

  it('lose nothing they wrote, and nothing comes back that one has removed', () => {
    expect(merged(base, mine, theirs)).toEqual({
      synonyms: [
        ['甲', '乙', '又'],
        ['戊', '己'],
      ],
      words: ['二', '四', '三'],
    })
  })
})
