import { expect, it } from 'vitest'

import { inBatches, nothingYet, plus, readLines } from './import'

const line = (id: string) => JSON.stringify({ id, category: ['资费'], title: `题 ${id}`, answer: '答' })

it('reads each line for itself', () => {
  const text = `\uFEFF${line('a')}\r\n\nno json\n${line('a')}\n{"id":"b","title":"x"}\n{"id":7,"category":["c"],"title":"t","alt":["q"," "],"lang":"en"}\n${JSON.stringify({ id: 'c', category: ['c'], title: '长'.repeat(301) })}\n`
  const { articles, bad } = readLines(text)
  expect(articles).toEqual([
    { id: 'a', category: ['资费'], title: '题 a', answer: '答', alt: [], lang: 'zh' },
    { id: '7', category: ['c'], title: 't', answer: '', alt: ['q'], lang: 'en' },
  ])
  expect(bad).toEqual([
    { line: 3, about: 'json' },
    { line: 4, about: 'repeated' },
    { line: 5, about: 'category' },
    { line: 7, about: 'too_long' },
  ])
})

it('cuts them into batches and adds up what came of each', () => {
  const { articles } = readLines(Array.from({ length: 450 }, (_, at) => line(`x${at}`)).join('\n'))
  const batches = inBatches(articles)
  expect(batches.map((batch) => batch.length)).toEqual([200, 200, 50])
  const outcome = { external_id: 'x1', outcome: 'conflict', article_id: 'a', about: '' } as const
  const report = { added: 1, changed: 2, unchanged: 3, conflicts: [outcome], refused: [] }
  expect(plus(plus(nothingYet, report, 200), report, 50)).toEqual({
    done: 250,
    added: 2,
    changed: 4,
    unchanged: 6,
    conflicts: [outcome, outcome],
    refused: [],
  })
})
