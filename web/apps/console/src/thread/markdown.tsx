import { type ArticleInline, type Block, parseMarkdown } from '@wecc/ui'
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

type Picture = Extract<ArticleInline, { type: 'picture' }>

/** Marked text as elements; pictures, which only articles have, as `picture` makes them. */
export const inlines = (nodes: readonly ArticleInline[], picture: (node: Picture) => ReactNode = noPicture) =>
  nodes.map((node, at) => <Fragment key={at}>{inline(node, picture)}</Fragment>)

const noPicture = () => null

function inline(node: ArticleInline, picture: (node: Picture) => ReactNode): ReactNode {
  switch (node.type) {
    case 'picture':
      return picture(node)
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
