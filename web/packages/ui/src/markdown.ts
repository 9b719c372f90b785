/**
 * The Markdown that messages may hold, as a tree of nodes: never HTML, so a face renders text and elements of
 * its own and nothing else. Bold, italic, inline code, code blocks, links, autolinks, lists, line breaks.
 * The time is linear in the length and the depth is bounded.
 */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'strong' | 'em'; readonly children: readonly Inline[] }
  | { readonly type: 'link'; readonly href: string; readonly children: readonly Inline[] }

export type Block =
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'code_block'; readonly text: string }
  | {
      readonly type: 'list'
      readonly isOrdered: boolean
      readonly start: number
      readonly items: readonly (readonly Inline[])[]
    }

const BULLET = /^ {0,3}[-*+•] +(\S.*)$/
const NUMBER = /^ {0,3}(\d{1,6})(?:[.)] +|、 *)(\S.*)$/
const FENCE = /^ {0,3}```/

export function parseMarkdown(source: string): readonly Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n')
  const blocks: Block[] = []
  let paragraph: string[] = []

  const endParagraph = () => {
    if (paragraph.length) blocks.push({ type: 'paragraph', children: parseInline(paragraph.join('\n')) })
    paragraph = []
  }

  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!
    if (FENCE.test(line)) {
      endParagraph()
      const first = at + 1
      do at += 1
      while (at < lines.length && !FENCE.test(lines[at]!))
      blocks.push({ type: 'code_block', text: lines.slice(first, at).join('\n') })
      continue
    }
    const isOrdered = NUMBER.test(line)
    if (isOrdered || BULLET.test(line)) {
      endParagraph()
      const pattern = isOrdered ? NUMBER : BULLET
      const items: (readonly Inline[])[] = []
      const start = isOrdered ? parseInt(line.trimStart(), 10) : 1
      for (let match = pattern.exec(line); match; match = pattern.exec(lines[at] ?? '')) {
        items.push(parseInline(match.at(-1)!))
        at += 1
      }
      at -= 1
      blocks.push({ type: 'list', isOrdered, start, items })
      continue
    }
    if (line.trim() === '') endParagraph()
    else paragraph.push(line)
  }
  endParagraph()
  return blocks
}

/** The text a reader would hear: for previews, notifications and labels. */
export function plainText(source: string): string {
  const inline = (nodes: readonly Inline[]): string =>
    nodes.map((n) => ('children' in n ? inline(n.children) : n.type === 'break' ? ' ' : n.text)).join('')
  return parseMarkdown(source)
    .map((block) =>
      block.type === 'list'
        ? block.items.map(inline).join(' ')
        : block.type === 'code_block'
          ? block.text
          : inline(block.children),
    )
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The address a link may open, or null: http, https and mailto only. */
export function safeHref(address: string): string | null {
  if (!/^(https?:\/\/[^\s/]|mailto:[^\s@]+@[^\s@]+$)/i.test(address)) return null
  try {
    const { protocol, href } = new URL(address)
    return protocol === 'http:' || protocol === 'https:' || protocol === 'mailto:' ? href : null
  } catch {
    return null
  }
}

// Whatever may start an inline element; every repetition is bounded.
const TOKEN =
  /(?<escape>\\[\\`*_[\](){}#+\-.!])|(?<code>`{1,3})|(?<newline>\n)|(?<bracket>\[)|(?<mark>\*\*|__|\*|_)|(?<address>https?:\/\/[^\s<>"`（）【】《》“”‘’，。；：！？、]{1,2000}|[\w.+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,4})/gi
const LINK = /\[([^[\]\n]{1,300})\]\(([^\s()<>]{1,2000})\)/y
const MAX_DEPTH = 4

/** The marks within one paragraph; also of articles. */
export function parseInline(source: string, mayLink = true): readonly Inline[] {
  const nodes: Inline[] = []
  const open: { readonly mark: string; readonly index: number }[] = []
  let at = 0

  const add = (node: Inline, end: number) => {
    nodes.push(node)
    at = end
  }
  const addText = (end: number, text = source.slice(at, end)) => {
    if (text) nodes.push({ type: 'text', text })
    at = end
  }

  for (;;) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(source)
    if (!token) break
    addText(token.index)
    const end = at + token[0].length
    const { escape, code, newline, bracket, mark, address } = token.groups!

    if (escape) addText(end, escape.slice(1))
    else if (newline) add({ type: 'break' }, end)
    else if (code) {
      const close = source.lastIndexOf(code) >= end ? source.indexOf(code, end) : -1
      if (close > end)
        add({ type: 'code', text: source.slice(end, close).replace(/\n/g, ' ') }, close + code.length)
      else addText(end)
    } else if (bracket) {
      LINK.lastIndex = at
      const link = mayLink ? LINK.exec(source) : null
      const href = link && safeHref(link[2]!)
      if (href) add({ type: 'link', href, children: parseInline(link[1]!, false) }, LINK.lastIndex)
      else addText(end)
    } else if (mark) {
      const { mayOpen, mayClose } = flanks(source, at, end, mark)
      const opener = mayClose ? open.map((one) => one.mark).lastIndexOf(mark) : -1
      const first = opener === -1 ? 0 : open[opener]!.index
      if (opener !== -1 && first < nodes.length - 1) {
        open.length = opener
        const children = joined(nodes.splice(first).slice(1))
        add({ type: mark.length === 2 ? 'strong' : 'em', children }, end)
      } else {
        if (mayOpen && open.length < MAX_DEPTH) open.push({ mark, index: nodes.length })
        addText(end)
      }
    } else {
      const trimmed = withoutTrailingMarks(address!)
      const href = mayLink ? safeHref(trimmed.includes('://') ? trimmed : `mailto:${trimmed}`) : null
      if (href) add({ type: 'link', href, children: [{ type: 'text', text: trimmed }] }, at + trimmed.length)
      else addText(at + trimmed.length)
    }
  }
  addText(source.length)
  return joined(nodes)
}

const WORD = /[\p{L}\p{N}]/u
const ASCII_WORD = /[a-z\d]/i

/** Inside a word a mark is itself: `snake_case`, `2*3*4`; Chinese has no spaces, so there `*` may mark. */
function flanks(source: string, start: number, end: number, mark: string) {
  const before = source[start - 1] ?? ' '
  const after = source[end] ?? ' '
  const word = mark[0] === '_' ? WORD : ASCII_WORD
  const isInWord = word.test(before) && word.test(after)
  return { mayOpen: !isInWord && !/\s/.test(after), mayClose: !isInWord && !/\s/.test(before) }
}

/** A sentence's own punctuation does not belong to the address that ends it. */
function withoutTrailingMarks(address: string): string {
  let end = address.length
  while (end > 1 && '.,;:!?\'")]}*_'.includes(address[end - 1]!)) end -= 1
  return address.slice(0, end)
}

function joined(nodes: readonly Inline[]): readonly Inline[] {
  const result: Inline[] = []
  let run: string[] = []
  const flush = () => {
    if (run.length) result.push({ type: 'text', text: run.join('') })
    run = []
  }
  for (const node of nodes) {
    if (node.type === 'text') run.push(node.text)
    else {
      flush()
      result.push(node)
    }
  }
  flush()
  return result
}
