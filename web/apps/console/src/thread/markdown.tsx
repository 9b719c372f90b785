import { type Block, type Inline, parseMarkdown } from '@wecc/ui'
import { Fragment, memo, type ReactNode } from 'react'

/** A message's text as elements; whatever HTML it holds stays text. */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="markdown">
      {parseMarkdown(text).map((block, at) => (
        <BlockView key={at} block={block} />
      ))}
    </div>
  )
})

function BlockView({ block }: { readonly block: Block }) {
  switch (block.type) {
    case 'paragraph':
      return <p>{inlines(block.children)}</p>
    case 'code_block':
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      )
    case 'list': {
      const items = block.items.map((item, at) => <li key={at}>{inlines(item)}</li>)
      return block.isOrdered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>
    }
  }
}

const inlines = (nodes: readonly Inline[]): ReactNode =>
  nodes.map((node, at) => <Fragment key={at}>{inline(node)}</Fragment>)

function inline(node: Inline): ReactNode {
  switch (node.type) {
    case 'text':
      return node.text
    case 'code':
      return <code>{node.text}</code>
    case 'break':
      return <br />
    case 'strong':
      return <strong>{inlines(node.children)}</strong>
    case 'em':
      return <em>{inlines(node.children)}</em>
    case 'link':
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {inlines(node.children)}
        </a>
      )
  }
}
