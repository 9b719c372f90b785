import type { DiffRow, Span } from '../knowledge/diff'

/** Neighbouring rows that differ. `by`: whose change it is, where the text both began with is known. */
export interface Change {
  readonly rows: readonly DiffRow[]
  readonly by: 'them' | 'me' | 'both' | null
}

/** From their text, on the left, to mine, on the right. `base` is what both began with. */
export function changesOf(rows: readonly DiffRow[], base: string | null): readonly Change[] {
  const lines = base === null ? null : new Set(base.split('\n'))
  const changes: Change[] = []
  for (let at = 0; at < rows.length; at += 1) {
    const begin = at
    while (at < rows.length && rows[at]!.kind !== 'same') at += 1
    if (at > begin) changes.push(changeOf(rows.slice(begin, at), lines))
  }
  return changes
}

function changeOf(rows: readonly DiffRow[], base: ReadonlySet<string> | null): Change {
  if (!base) return { rows, by: null }
  const lines = (side: 'left' | 'right') => rows.flatMap((row) => (row[side] ? [textOf(row[side])] : []))
  const [theirs, mine] = [lines('left'), lines('right')]
  const isNew = (line: string) => !base.has(line)
  const [hasTheirs, hasMine] = [theirs.some(isNew), mine.some(isNew)]
  // Where nobody has written anything new, who has fewer lines has deleted some.
  const them = hasMine ? false : hasTheirs || theirs.length === 0
  const me = hasTheirs ? false : hasMine || mine.length === 0
  return { rows, by: them === me ? 'both' : them ? 'them' : 'me' }
}

/** My text, but for some changes: there it is as theirs. */
export function takenBack(rows: readonly DiffRow[], changes: readonly Change[]): string {
  const back = new Set(changes.flatMap((change) => change.rows))
  return rows
    .map((row) => (back.has(row) ? row.left : row.right))
    .flatMap((line) => (line ? [textOf(line)] : []))
    .join('\n')
}

const textOf = (line: readonly Span[]): string => line.map(({ text }) => text).join('')
