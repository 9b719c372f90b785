import { type ArticleBlock, type ArticleInline, parseArticle } from '@wecc/ui'

const MAX_CHARS = 900

/** An article's body as a message may hold it: tables become lines, pictures their words, headings bold. */
export function asReply(body: string, link: { readonly url: string; readonly words: string } | null): string {
  const parts: string[] = []
  let length = 0
  for (const block of parseArticle(body)) {
    const text = blockText(block)
    if (!text) continue
    if (length + text.length > MAX_CHARS && parts.length > 0) {
      return link ? [...parts, `${link.words}${link.url}`].join('\n\n') : parts.join('\n\n')
    }
    parts.push(text)
    length += text.length
  }
  return parts.join('\n\n')
}

function blockText(block: ArticleBlock): string {
  switch (block.type) {
    case 'paragraph':
      return inlines(block.children)
    case 'heading':
      return `**${inlines(block.children)}**`
    case 'code_block':
      return `\`\`\`\n${block.text}\n\`\`\``
    case 'list':
      return block.items
        .map((item, at) => {
          const text = item.map(blockText).join('\n').replaceAll('\n', '\n   ')
          return block.isOrdered ? `${block.start + at}. ${text}` : `- ${text}`
        })
        .join('\n')
    case 'table':
      return block.rows
        .map((row) =>
          row
            .map((cell, at) => (at === 0 ? `**${inlines(cell)}**` : `${inlines(block.head[at] ?? [])} ${inlines(cell)}`))
            .join(' · '),
        )
        .map((line) => `- ${line}`)
        .join('\n')
    case 'rule':
      return ''
  }
}

const inlines = (nodes: readonly ArticleInline[]): string => nodes.map(inline).join('')

function inline(node: ArticleInline): string {
  switch (node.type) {
    case 'text':
      return node.text
    case 'code':
      return `\`${node.text}\``
    case 'break':
      return '\n'
    case 'strong':
      return `**${inlines(node.children)}**`
    case 'em':
      return `*${inlines(node.children)}*`
    case 'link':
      return `[${inlines(node.children)}](${node.href})`
    case 'picture':
      return node.text
  }
}
