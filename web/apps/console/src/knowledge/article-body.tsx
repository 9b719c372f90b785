import { type ArticleBlock, type ArticleInline, parseArticle } from '@wecc/ui'
import { Fragment, memo, type ReactNode } from 'react'

export interface ArticleBodyProps {
  readonly body: string
  /** The address of one of the article's pictures; null where it has no such file. */
  readonly pictureUrl: (fileId: string) => string | null
  /** What stands for a picture that is not there. */
  readonly missing: string
}

/** An article's body as elements; whatever HTML it holds stays text. */
export const ArticleBody = memo(function ArticleBody({ body, pictureUrl, missing }: ArticleBodyProps) {
  const inlines = (nodes: readonly ArticleInline[]): ReactNode =>
    nodes.map((node, at) => <Fragment key={at}>{inline(node)}</Fragment>)

  const inline = (node: ArticleInline): ReactNode => {
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
      case 'picture': {
        const url = pictureUrl(node.fileId)
        if (url === null) return <span className="kb-body-missing">{node.text || missing}</span>
        return <img src={url} alt={node.text} loading="lazy" />
      }
    }
  }

  const block = (one: ArticleBlock): ReactNode => {
    switch (one.type) {
      case 'paragraph':
        return <p>{inlines(one.children)}</p>
      case 'heading': {
        const Heading = `h${one.level}` as const
        return <Heading>{inlines(one.children)}</Heading>
      }
      case 'code_block':
        return (
          <pre>
            <code>{one.text}</code>
          </pre>
        )
      case 'list': {
        const items = one.items.map((item, at) => <li key={at}>{blocks(item)}</li>)
        return one.isOrdered ? <ol start={one.start}>{items}</ol> : <ul>{items}</ul>
      }
      case 'table':
        return (
          <div className="kb-body-table">
            <table>
              <thead>
                <tr>
                  {one.head.map((cell, at) => (
                    <th key={at} scope="col">
                      {inlines(cell)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {one.rows.map((row, at) => (
                  <tr key={at}>
                    {row.map((cell, column) => (
                      <td key={column}>{inlines(cell)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      case 'rule':
        return <hr />
    }
  }

  const blocks = (ones: readonly ArticleBlock[]): ReactNode =>
    ones.map((one, at) => <Fragment key={at}>{block(one)}</Fragment>)

  return <div className="kb-body">{blocks(parseArticle(body))}</div>
})
