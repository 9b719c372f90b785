import type { Content, FileView } from '@wecc/protocol'
import { useMemo } from 'react'

import { type Told, toldOf } from './content'
import { useKnowledge } from './context'
import { type DiffRow, diffLines, folded, type Span } from './diff'

export interface Side {
  readonly name: string
  readonly content: Content
  readonly files: readonly FileView[]
}

/** Two versions side by side: the fields that differ, line by line, changed lines word by word. */
export function Difference({ left, right }: { readonly left: Side; readonly right: Side }) {
  const { texts, locale, tiers, groups } = useKnowledge()
  const words = texts.difference
  const fields = useMemo(() => {
    const telling = { texts, locale, tiers, groups }
    const rights = toldOf(right.content, right.files, telling)
    return toldOf(left.content, left.files, telling).flatMap((told, at) => {
      const other = rights[at]!
      return told.text === other.text ? [] : [{ left: told, right: other }]
    })
  }, [left, right, texts, locale, tiers, groups])

  if (fields.length === 0) return <p className="kb-hint">{words.same}</p>
  return (
    <div className="kb-diff" role="table" aria-label={`${left.name} / ${right.name}`}>
      <div role="row" className="kb-diff-head">
        <b role="columnheader">{left.name}</b>
        <b role="columnheader">{right.name}</b>
      </div>
      {fields.map((field) => (
        <FieldDifference key={field.left.field} {...field} />
      ))}
    </div>
  )
}

function FieldDifference({ left, right }: { readonly left: Told; readonly right: Told }) {
  const { difference: words } = useKnowledge().texts
  const rows = useMemo(() => folded(diffLines(left.text, right.text)), [left.text, right.text])
  return (
    <div role="rowgroup">
      <div role="row" className="kb-diff-field">
        <span role="cell">{words.fields[left.field]}</span>
      </div>
      {rows.map((row, at) =>
        row.kind === 'folded' ? (
          <div key={at} role="row" className="kb-diff-fold">
            <span role="cell">{words.folded(row.count)}</span>
          </div>
        ) : (
          <div key={at} role="row" className="kb-diff-row" data-kind={row.kind}>
            <Half spans={row.left} isLeft row={row} />
            <Half spans={row.right} isLeft={false} row={row} />
          </div>
        ),
      )}
    </div>
  )
}

interface HalfProps {
  readonly spans: readonly Span[] | null
  readonly isLeft: boolean
  readonly row: DiffRow
}

/** What one side alone has is marked by colour and by an element: `del` on the left, `ins` on the right. */
function Half({ spans, isLeft, row }: HalfProps) {
  const Own = isLeft ? 'del' : 'ins'
  return (
    <span role="cell" data-empty={spans === null || undefined} data-own={row.kind !== 'same' || undefined}>
      {spans?.map(({ text, isOwn }, at) => (isOwn ? <Own key={at}>{text}</Own> : text))}
    </span>
  )
}
