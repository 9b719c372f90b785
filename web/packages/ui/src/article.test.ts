import { describe, expect, it } from 'vitest'

import { type ArticleBlock, parseArticle } from './article'

const words = (source: string): unknown => parseArticle(source).map(brief)

/** A block as short as it can be written: tests read the shape, not the nesting of nodes. */
function brief(block: ArticleBlock): unknown {
  const text = (nodes: readonly { type: string }[]) =>
    nodes.map((node) => ('text' in node ? String(node.text) : `<${node.type}>`)).join('')
  switch (block.type) {
    case 'paragraph':
      return text(block.children)
    case 'heading':
      return { [`h${block.level}`]: text(block.children) }
    case 'code_block':
      return { code: block.text }
    case 'list':
      return { [block.isOrdered ? `ol${block.start}` : 'ul']: block.items.map((item) => item.map(brief)) }
    case 'table':
      return { head: block.head.map(text), rows: block.rows.map((row) => row.map(text)) }
    case 'rule':
      return 'rule'
  }
}

describe('an article', () => {
  it('has headings from the second level on', () => {
    expect(words('# 一\n## 二 ##\n### 三\n###### 六\n#不是')).toEqual([
      { h2: '一' },
      { h2: '二' },
      { h3: '三' },
      { h4: '六' },
      '#不是',
    ])
  })

  it('has tables, whose rows are as long as their head', () => {
    expect(words('| 套餐 | 月费 |\n|---|:-:|\n| 轻简 | 19 |\n| 多 | 1 | 余 |\n| 少 |\n\n完')).toEqual([
      {
        head: ['套餐', '月费'],
        rows: [
          ['轻简', '19'],
          ['多', '1'],
          ['少', ''],
        ],
      },
      '完',
    ])
  })

  it('keeps an escaped bar inside its cell', () => {
    expect(words('a | b\n--- | ---\nx \\| y | z')).toEqual([{ head: ['a', 'b'], rows: [['x | y', 'z']] }])
  })

  it('takes a bar without a rule below it as text', () => {
    expect(words('a | b\nc')).toEqual(['a | b<break>c'])
  })

  it('nests lists, and what is indented belongs to its item', () => {
    expect(words('1. 打开\n   - 网站\n   - 应用\n2. 选择\n\n   再确认\n3. 完成\n\n尾')).toEqual([
      { ol1: [['打开', { ul: [['网站'], ['应用']] }], ['选择', '再确认'], ['完成']] },
      '尾',
    ])
  })

  it('goes on with a list over one empty line, and with the number it starts with', () => {
    expect(words('3、甲\n\n4、乙')).toEqual([{ ol3: [['甲'], ['乙']] }])
  })

  it('takes a number without a space as text: 3.5 is a price', () => {
    expect(words('3.5元/月')).toEqual(['3.5元/月'])
  })

  it('has rules and code blocks', () => {
    expect(words('a\n\n---\n\n```\n# x\n```')).toEqual(['a', 'rule', { code: '# x' }])
  })

  it('shows pictures of its own files only; of others the words stay', () => {
    expect(parseArticle('看![截图](file:a1b2)和![图](https://x.example/a.png)和![](data:x)')).toEqual([
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: '看' },
          { type: 'picture', fileId: 'a1b2', text: '截图' },
          { type: 'text', text: '和' },
          { type: 'text', text: '图' },
          { type: 'text', text: '和' },
        ],
      },
    ])
  })

  it('leaves HTML as text and scripts as words', () => {
    expect(words('<script>alert(1)</script>\n[x](javascript:alert(1))')).toEqual([
      '<script>alert(1)</script><break>[x](javascript:alert(1))',
    ])
  })

  it('is read in time that grows with its length', () => {
    const started = performance.now()
    for (const piece of [
      '- '.repeat(50),
      '|'.repeat(100) + '\n',
      '> '.repeat(50),
      '![',
      '- a\n  ',
      '#'.repeat(9),
    ])
      parseArticle(piece.repeat(Math.floor(100_000 / piece.length)))
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
