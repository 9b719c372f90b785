import { type Inline, parseInline } from './markdown'

/**
 * The Markdown of articles: that of messages, and headings, tables, rules, nested lists and pictures of the
 * article's own files, `![words](file:ID)`. Of pictures from elsewhere the words stay. Never HTML.
 */
export type ArticleInline =
  Inline | { readonly type: 'picture'; readonly fileId: string; readonly text: string }

type Cells = readonly (readonly ArticleInline[])[]

export type ArticleBlock =
  | { readonly type: 'paragraph'; readonly children: readonly ArticleInline[] }
  | { readonly type: 'heading'; readonly level: 2 | 3 | 4; readonly children: readonly ArticleInline[] }
  | { readonly type: 'code_block'; readonly text: string }
  | {
      readonly type: 'list'
      readonly isOrdered: boolean
      readonly start: number
      readonly items: readonly (readonly ArticleBlock[])[]
    }
  | { readonly type: 'table'; readonly head: Cells; readonly rows: readonly Cells[] }
  | { readonly type: 'rule' }

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/
const RULE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/
const FENCE = /^ {0,3}```/
const BULLET = /^( {0,3})([-*+•])( +)(\S.*)$/
const NUMBER = /^( {0,3})(\d{1,6}[.)、])( *)(\S.*)$/
const PICTURE = /!\[([^[\]\n]{0,300})\]\(([^\s()<>]{1,2000})\)/g
const OWN_FILE = /^file:([a-z0-9]{1,64})$/
const MAX_DEPTH = 5

export const parseArticle = (source: string): readonly ArticleBlock[] =>
  parseBlocks(source.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').split('\n'), 0)

function parseBlocks(lines: readonly string[], depth: number): readonly ArticleBlock[] {
  const blocks: ArticleBlock[] = []
  let paragraph: string[] = []
  const endParagraph = () => {
    const text = paragraph.map((line) => line.trim()).join('\n')
    if (paragraph.length) blocks.push({ type: 'paragraph', children: inlines(text) })
    paragraph = []
  }
  const add = (block: ArticleBlock) => {
    endParagraph()
    blocks.push(block)
  }

  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!
    if (FENCE.test(line)) {
      const first = at + 1
      do at += 1
      while (at < lines.length && !FENCE.test(lines[at]!))
      add({ type: 'code_block', text: lines.slice(first, at).join('\n') })
      continue
    }
    const heading = HEADING.exec(line)
    if (heading) {
      const level = Math.min(4, Math.max(2, heading[1]!.length)) as 2 | 3 | 4
      add({ type: 'heading', level, children: inlines((heading[2] ?? '').replace(/ +#+ *$/, '').trim()) })
      continue
    }
    if (RULE.test(line)) {
      add({ type: 'rule' })
      continue
    }
    if (depth < MAX_DEPTH && itemOf(line)) {
      const list = readList(lines, at, depth)
      add(list.block)
      at = list.end - 1
      continue
    }
    const head = paragraph.length === 0 ? headOf(line, lines[at + 1]) : null
    if (head) {
      const rows: Cells[] = []
      at += 2
      for (; at < lines.length && lines[at]!.includes('|') && lines[at]!.trim(); at += 1) {
        const cells = cellsOf(lines[at]!)
        rows.push(head.map((_, column) => inlines(cells[column] ?? '')))
      }
      at -= 1
      add({ type: 'table', head: head.map(inlines), rows })
      continue
    }
    if (line.trim() === '') endParagraph()
    else paragraph.push(line)
  }
  endParagraph()
  return blocks
}

/** Whether a line begins an item of a list, of which kind, and how far its text is indented. */
function itemOf(line: string) {
  const bullet = BULLET.exec(line)
  const match = bullet ?? NUMBER.exec(line)
  // `1.` needs a space after it, `1、` does not
  if (!match || (!bullet && match[3] === '' && !match[2]!.endsWith('、'))) return null
  const [, before, mark, after, text] = match as unknown as [string, string, string, string, string]
  const indent = before.length + mark.length + Math.min(after.length, 4)
  return { isOrdered: !bullet, start: parseInt(mark, 10) || 0, indent, text }
}

/** The list that begins at a line: what is indented below an item belongs to it. `end`: the first line after. */
function readList(lines: readonly string[], from: number, depth: number) {
  const first = itemOf(lines[from]!)!
  const items: (readonly ArticleBlock[])[] = []
  let at = from
  for (;;) {
    const item = at < lines.length ? itemOf(lines[at]!) : null
    if (!item || item.isOrdered !== first.isOrdered) break
    const own = [item.text]
    at += 1
    for (; at < lines.length; at += 1) {
      const line = lines[at]!
      if (line.trim() === '') {
        if (!isIndented(lines[at + 1] ?? '', item.indent)) break
        own.push('')
      } else if (isIndented(line, item.indent)) own.push(line.slice(Math.min(item.indent, indentOf(line))))
      else if (own.at(-1) === '' || itemOf(line) || startsBlock(line)) break
      else own.push(line)
    }
    items.push(parseBlocks(own, depth + 1))
    // an empty line between two items does not part them
    if (lines[at]?.trim() === '' && lines[at + 1] !== undefined && itemOf(lines[at + 1]!)) at += 1
  }
  const start = first.isOrdered ? first.start : 1
  return { block: { type: 'list', isOrdered: first.isOrdered, start, items } as const, end: at }
}

const indentOf = (line: string): number => line.length - line.trimStart().length

/** Two spaces are enough, as people type them below `1.` too. */
const isIndented = (line: string, indent: number): boolean =>
  line.trim() !== '' && indentOf(line) >= Math.min(indent, 2)

const startsBlock = (line: string): boolean => HEADING.test(line) || RULE.test(line) || FENCE.test(line)

/** The heads of a table's columns, when the next line is its rule. */
function headOf(line: string, next: string | undefined): readonly string[] | null {
  if (!line.includes('|') || !next?.includes('-')) return null
  const rule = cellsOf(next)
  const head = cellsOf(line)
  return rule.length === head.length && rule.every((cell) => /^:?-+:?$/.test(cell)) ? head : null
}

function cellsOf(line: string): readonly string[] {
  const cells = ['']
  const trimmed = line.trim()
  for (let at = 0; at < trimmed.length; at += 1) {
    const character = trimmed[at]!
    if (character === '\\' && trimmed[at + 1] === '|') {
      cells[cells.length - 1] += '|'
      at += 1
    } else if (character === '|') cells.push('')
    else cells[cells.length - 1] += character
  }
  if (trimmed.startsWith('|')) cells.shift()
  if (cells.length > 1 && cells.at(-1)!.trim() === '') cells.pop()
  return cells.map((cell) => cell.trim())
}

function inlines(text: string): readonly ArticleInline[] {
  const nodes: ArticleInline[] = []
  let at = 0
  for (const match of text.matchAll(PICTURE)) {
    const file = OWN_FILE.exec(match[2]!)
    const words = match[1]!
    nodes.push(...parseInline(text.slice(at, match.index)))
    if (file) nodes.push({ type: 'picture', fileId: file[1]!, text: words })
    else if (words) nodes.push({ type: 'text', text: words })
    at = match.index + match[0].length
  }
  nodes.push(...parseInline(text.slice(at)))
  return nodes
}
