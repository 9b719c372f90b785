import { describe, expect, it } from 'vitest'

import { parseMarkdown, plainText, safeHref, type Block, type Inline } from './markdown'

const text = (value: string): Inline => ({ type: 'text', text: value })
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children })

describe('what customers and agents write', () => {
  it('keeps plain text as it is', () => {
    expect(parseMarkdown('您好,1 < 2 & "3"')).toEqual([paragraph(text('您好,1 < 2 & "3"'))])
  })

  it('marks bold, italic and code, also inside Chinese', () => {
    expect(parseMarkdown('请拨**10086**或*发短信*,代码 `CXYE`')).toEqual([
      paragraph(
        text('请拨'),
        { type: 'strong', children: [text('10086')] },
        text('或'),
        { type: 'em', children: [text('发短信')] },
        text(',代码 '),
        { type: 'code', text: 'CXYE' },
      ),
    ])
  })

  it('nests emphasis and leaves what crosses it alone', () => {
    expect(parseMarkdown('**a *b* c**')).toEqual([
      paragraph({
        type: 'strong',
        children: [text('a '), { type: 'em', children: [text('b')] }, text(' c')],
      }),
    ])
    expect(parseMarkdown('*a **b* c**')).toEqual([
      paragraph({ type: 'em', children: [text('a **b')] }, text(' c**')),
    ])
  })

  it.each([
    'snake_case_name',
    '2*3*4=24',
    '138****1234',
    '2 * 3 * 4',
    '**',
    '* ',
    '__',
    '`',
    '[a](b',
    'a_',
    '\\',
  ])('leaves %j as text', (source) => {
    expect(plainText(source)).toBe(source.trim())
    expect(parseMarkdown(source)).toEqual([paragraph(text(source))])
  })

  it('escapes', () => {
    expect(parseMarkdown('\\*no\\*')).toEqual([paragraph(text('*no*'))])
  })

  it('breaks lines inside a paragraph and separates paragraphs', () => {
    expect(parseMarkdown('a\r\nb\n\nc')).toEqual([
      paragraph(text('a'), { type: 'break' }, text('b')),
      paragraph(text('c')),
    ])
  })

  it('reads lists', () => {
    expect(parseMarkdown('步骤:\n1. 打开\n2. **选择**\n\n- a\n* b')).toEqual([
      paragraph(text('步骤:')),
      {
        type: 'list',
        isOrdered: true,
        start: 1,
        items: [[text('打开')], [{ type: 'strong', children: [text('选择')] }]],
      },
      { type: 'list', isOrdered: false, start: 1, items: [[text('a')], [text('b')]] },
    ])
    expect(parseMarkdown('3、第三')).toEqual([
      { type: 'list', isOrdered: true, start: 3, items: [[text('第三')]] },
    ])
    expect(parseMarkdown('1.5 元')).toEqual([paragraph(text('1.5 元'))])
  })

  it('keeps code blocks verbatim, an open one to the end', () => {
    expect(parseMarkdown('```\n**x**\n<b>\n```\ny')).toEqual([
      { type: 'code_block', text: '**x**\n<b>' },
      paragraph(text('y')),
    ])
    expect(parseMarkdown('```\na\n\nb')).toEqual([{ type: 'code_block', text: 'a\n\nb' }])
  })

  it('links and autolinks', () => {
    expect(parseMarkdown('[套餐](https://a.cn/b?c=1#d)')).toEqual([
      paragraph({ type: 'link', href: 'https://a.cn/b?c=1#d', children: [text('套餐')] }),
    ])
    expect(parseMarkdown('见 https://a.cn/x。谢谢 (http://b.cn).')).toEqual([
      paragraph(
        text('见 '),
        { type: 'link', href: 'https://a.cn/x', children: [text('https://a.cn/x')] },
        text('。谢谢 ('),
        { type: 'link', href: 'http://b.cn/', children: [text('http://b.cn')] },
        text(').'),
      ),
    ])
    expect(parseMarkdown('写信 kf@gd.example.cn')).toEqual([
      paragraph(text('写信 '), {
        type: 'link',
        href: 'mailto:kf@gd.example.cn',
        children: [text('kf@gd.example.cn')],
      }),
    ])
  })

  it('has a plain reading', () => {
    expect(plainText('**a**\n- b\n- [c](https://d.cn)\n```\ne\n```')).toBe('a b c e')
  })
})

describe('hostile input', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//evil.cn',
    '/path',
    'https:evil.cn',
    'http://',
    ' https://a.cn',
    'java\nscript:alert(1)',
    'blob:https://a.cn/1',
    'mailto:',
  ])('opens no %j', (address) => {
    expect(safeHref(address)).toBeNull()
    expect(JSON.stringify(parseMarkdown(`[x](${address})`))).not.toMatch(/"href":"(?!https?:|mailto:)/)
  })

  it('HTML is text', () => {
    const source = '<img src=x onerror=alert(1)><script>alert(1)</script>'
    expect(plainText(source)).toBe(source)
  })

  it('never links inside a link', () => {
    const nested = JSON.stringify(parseMarkdown('[https://a.cn](https://b.cn)'))
    expect(nested.match(/"link"/g)).toHaveLength(1)
  })

  it('is linear in the length and bounded in depth', () => {
    const depth = (nodes: readonly Inline[]): number =>
      nodes.reduce((deepest, node) => Math.max(deepest, 'children' in node ? 1 + depth(node.children) : 0), 0)
    const pieces = [
      '*',
      '**a',
      '_',
      '`',
      '``',
      '[',
      '](',
      '[a](',
      '- ',
      '1. ',
      '\n',
      '```\n',
      'a@',
      'http://',
      '\\',
      '*_',
    ]
    for (const piece of pieces) {
      const source = piece.repeat(100_000)
      const started_ms = performance.now()
      const blocks = parseMarkdown(source)
      expect(performance.now() - started_ms, piece).toBeLessThan(2_000)
      for (const block of blocks)
        if (block.type === 'paragraph') expect(depth(block.children)).toBeLessThanOrEqual(8)
    }
  })

  it('loses no character of random input but the marks', () => {
    let seed = 7
    const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n
    const alphabet = [
      'a',
      '中',
      ' ',
      '*',
      '**',
      '_',
      '`',
      '[',
      ']',
      '(',
      ')',
      '\n',
      'http://a.cn',
      '<',
      '\\',
      '1.',
    ]
    for (let round = 0; round < 2_000; round += 1) {
      const source = Array.from({ length: random(30) }, () => alphabet[random(alphabet.length)]).join('')
      const shown = plainText(source).replace(/[^a中<]/g, '')
      const written = source.replaceAll(/\]\(http:\/\/a\.cn[^\s()<>]*\)/g, '').replace(/[^a中<]/g, '')
      if (!source.includes('http')) expect(shown).toBe(written)
    }
  })
})
