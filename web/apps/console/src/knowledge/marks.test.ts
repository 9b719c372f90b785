import { expect, it } from 'vitest'

import { block, type Mark, marked } from './marks'

const samples = { heading: '小标题', bold: '重点', item: '一项', step: '一步', table: '| a |', link: '文字' }

/** The selection stands between bars, before and after. */
function done(text: string, mark: Mark): string {
  const [before, selected, after] = text.split('|') as [string, string, string]
  const plain = before + selected + after
  const made = marked(plain, before.length, before.length + selected.length, mark, samples)
  const whole = plain.slice(0, made.from) + made.text + plain.slice(made.to)
  const [from, to] = made.select
  return `${whole.slice(0, from)}|${whole.slice(from, to)}|${whole.slice(to)}`
}

it.each<[Mark, string, string]>([
  ['bold', '请|拨打|电话', '请**|拨打|**电话'],
  ['bold', '请||', '请**|重点|**'],
  ['link', '见|网站|', '见[|网站|](https://)'],
  ['heading', '一\n二|二|\n三', '一\n|## 二二|\n三'],
  ['heading', '||', '## |小标题|'],
  ['bullets', '|一\n二|\n三', '|- 一\n- 二|\n三'],
  ['numbers', '|- 一\n- 二|', '|1. 一\n2. 二|'],
])('%s: %j', (mark, before, after) => expect(done(before, mark)).toBe(after))

it('parts a block from what is around it', () => {
  expect(block('前\n后', 1, 1, '表')).toEqual({ from: 1, to: 1, text: '\n\n表\n', select: [3, 4] })
  expect(block('', 0, 0, '表').text).toBe('表\n\n')
})
