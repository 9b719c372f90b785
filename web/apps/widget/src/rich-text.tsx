import { parseMarkdown, type Block, type Inline } from '@wecc/ui'
import { useMemo } from 'preact/hooks'

const Inlines = ({ nodes }: { nodes: readonly Inline[] }) => (
  <>
    {nodes.map((node) => {
      switch (node.type) {
        case 'text':
          return node.text
        case 'code':
          return <code>{node.text}</code>
        case 'break':
          return <br />
        case 'strong':
          return <strong>{<Inlines nodes={node.children} />}</strong>
        case 'em':
          return <em>{<Inlines nodes={node.children} />}</em>
        case 'link':
          return (
            <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
              <Inlines nodes={node.children} />
            </a>
          )
      }
    })}
  </>
)

function BlockNode({ block }: { block: Block }) {
  switch (block.type) {
    case 'paragraph':
      return (
        <p>
          <Inlines nodes={block.children} />
        </p>
      )
    case 'code_block':
      return <pre tabIndex={0}>{block.text}</pre>
    case 'list': {
      const items = block.items.map((item) => (
        <li>
          <Inlines nodes={item} />
        </li>
      ))
      return block.isOrdered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>
    }
  }
}

/** A message's Markdown as elements of our own; there is no way for HTML in. */
export function RichText({ text }: { text: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text])
  return (
    <>
      {blocks.map((block) => (
        <BlockNode block={block} />
      ))}
    </>
  )
}
