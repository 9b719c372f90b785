import './article-body.css'

import { type ArticleBlock, type ArticleInline, parseArticle } from '@wecc/ui'
import { Fragment, memo, type ReactNode } from 'react'

import { inlines as marked } from '../thread/markdown'

export interface ArticleBodyProps {
  readonly body: string
  /** The address of one of the article's pictures; null where it has no such file. */
  readonly pictureUrl: (fileId: string) => string | null
  /** What stands for a picture that is not there. */
  readonly missing: string
}

/** An article's body as elements; whatever HTML it holds stays text. */
export const ArticleBody = memo(function ArticleBody({ body, pictureUrl, missing }: ArticleBodyProps) {
  const picture = ({ fileId, text }: { readonly fileId: string; readonly text: string }): ReactNode => {
    const url = pictureUrl(fileId)
    if (url === null) return <span className="kb-body-missing">{text || missing}</span>
    return <img src={url} alt={text} loading="lazy" />
  }
  const inlines = (nodes: readonly ArticleInline[]): ReactNode => marked(nodes, picture)

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
