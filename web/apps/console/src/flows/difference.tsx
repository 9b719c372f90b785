import { Fragment, type ReactNode, useMemo } from 'react'

import { type DiffRow, diffLines, folded, type Span } from '../knowledge/diff'
import { useFlows } from './context'

export interface DifferenceProps {
  readonly label: string
  readonly from: string
  readonly to: string
}

export const useDifference = (from: string, to: string): readonly DiffRow[] =>
  useMemo(() => diffLines(from, to), [from, to])

export const Difference = ({ label, from, to }: DifferenceProps) => (
  <DifferentRows label={label} rows={useDifference(from, to)} />
)

export interface DifferentRowsProps {
  readonly label: string
  readonly rows: readonly DiffRow[]
  /** What stands above a row. */
  readonly above?: (row: DiffRow) => ReactNode
}

/** From one text to another: what goes is struck, what comes is marked, equal lines are told by their count. */
export function DifferentRows({ label, rows, above }: DifferentRowsProps) {
  const { changes: words } = useFlows().texts
  const added = rows.filter((row) => row.kind === 'added' || row.kind === 'changed').length
  const removed = rows.filter((row) => row.kind === 'removed' || row.kind === 'changed').length
  return (
    <figure className="flows-diff" aria-label={label}>
      <figcaption>{words.lines(added, removed)}</figcaption>
      <ol tabIndex={0} aria-label={label}>
        {folded(rows).map((row, at) =>
          row.kind === 'folded' ? (
            <li key={at} data-kind="folded">
              {words.folded(row.count)}
            </li>
          ) : (
            <Fragment key={at}>
              {above?.(row)}
              <Row row={row} />
            </Fragment>
          ),
        )}
      </ol>
    </figure>
  )
}

function Row({ row: { kind, left, right } }: { readonly row: DiffRow }) {
  const { changes: words } = useFlows().texts
  if (kind === 'same') return <li>{left?.map(({ text }) => text)}</li>
  return (
    <>
      {left && (
        <li data-kind="removed">
          <span className="visually-hidden">{words.removed} </span>
          <Spans spans={left} element="del" />
        </li>
      )}
      {right && (
        <li data-kind="added">
          <span className="visually-hidden">{words.added} </span>
          <Spans spans={right} element="ins" />
        </li>
      )}
    </>
  )
}

/** What only this side has is marked, unless it is all of the line. */
const Spans = ({
  spans,
  element: Own,
}: {
  readonly spans: readonly Span[]
  readonly element: 'del' | 'ins'
}) => spans.map(({ text, isOwn }, at) => (isOwn && spans.length > 1 ? <Own key={at}>{text}</Own> : text))
