/** A piece of a line; `isOwn`: the other side does not have it. */
export interface Span {
  readonly text: string
  readonly isOwn: boolean
}

/** One row of two texts side by side. A side is null where only the other one has a line. */
export interface DiffRow {
  readonly kind: 'same' | 'changed' | 'added' | 'removed'
  readonly left: readonly Span[] | null
  readonly right: readonly Span[] | null
}

type Step = readonly [left: number | null, right: number | null]

/** Beyond so many differences the rest is told as one: nobody reads them, and it would take long. */
const MAX_DIFFERENCES = 1_000

/** Two texts line by line; changed lines word by word. */
export function diffLines(left: string, right: string): readonly DiffRow[] {
  const lefts = left.split('\n')
  const rights = right.split('\n')
  const rows: DiffRow[] = []
  let removed: string[] = []
  let added: string[] = []
  const flush = () => {
    const pairs = Math.min(removed.length, added.length)
    for (let at = 0; at < pairs; at += 1) rows.push(changed(removed[at]!, added[at]!))
    for (const line of removed.slice(pairs))
      rows.push({ kind: 'removed', left: whole(line, true), right: null })
    for (const line of added.slice(pairs)) rows.push({ kind: 'added', left: null, right: whole(line, true) })
    removed = []
    added = []
  }
  for (const [l, r] of steps(lefts, rights)) {
    if (l !== null && r !== null) {
      flush()
      rows.push({ kind: 'same', left: whole(lefts[l]!, false), right: whole(rights[r]!, false) })
    } else if (l !== null) removed.push(lefts[l]!)
    else if (r !== null) added.push(rights[r]!)
  }
  flush()
  return rows
}

/** Long runs of equal lines as their count; `around` lines stay at each side of a change. */
export function folded(
  rows: readonly DiffRow[],
  around = 2,
): readonly (DiffRow | { readonly kind: 'folded'; readonly count: number })[] {
  const isNear = rows.map(() => false)
  rows.forEach((row, at) => {
    if (row.kind === 'same') return
    for (let near = Math.max(0, at - around); near <= Math.min(rows.length - 1, at + around); near += 1)
      isNear[near] = true
  })
  const shown: (DiffRow | { kind: 'folded'; count: number })[] = []
  for (let at = 0; at < rows.length;) {
    let end = at
    while (end < rows.length && !isNear[end]) end += 1
    // one line is as long as the note that it is left out
    if (end - at > 1) shown.push({ kind: 'folded', count: end - at })
    else shown.push(...rows.slice(at, end))
    if (end < rows.length) shown.push(rows[end]!)
    at = end + 1
  }
  return shown
}

const whole = (text: string, isOwn: boolean): readonly Span[] => [{ text, isOwn }]

const segmenter = new Intl.Segmenter('zh-CN', { granularity: 'word' })

function changed(left: string, right: string): DiffRow {
  const lefts = [...segmenter.segment(left)].map(({ segment }) => segment)
  const rights = [...segmenter.segment(right)].map(({ segment }) => segment)
  const leftSpans: Span[] = []
  const rightSpans: Span[] = []
  let shared = 0
  for (const [l, r] of steps(lefts, rights)) {
    if (l !== null && r !== null) shared += lefts[l]!.trim().length
    if (l !== null) append(leftSpans, lefts[l]!, r === null)
    if (r !== null) append(rightSpans, rights[r]!, l === null)
  }
  // Lines that share next to nothing are easier read as two different ones.
  if (shared * 4 < Math.min(left.length, right.length))
    return { kind: 'changed', left: whole(left, true), right: whole(right, true) }
  return { kind: 'changed', left: leftSpans, right: rightSpans }
}

function append(spans: Span[], text: string, isOwn: boolean): void {
  const last = spans.at(-1)
  if (last?.isOwn === isOwn) spans[spans.length - 1] = { text: last.text + text, isOwn }
  else spans.push({ text, isOwn })
}

/** The shortest way from one sequence to the other. Source: Myers, An O(ND) Difference Algorithm, 1986. */
function steps(lefts: readonly string[], rights: readonly string[]): readonly Step[] {
  let start = 0
  const shorter = Math.min(lefts.length, rights.length)
  while (start < shorter && lefts[start] === rights[start]) start += 1
  let end = 0
  while (end < shorter - start && lefts.at(-1 - end) === rights.at(-1 - end)) end += 1
  const n = lefts.length - end - start
  const m = rights.length - end - start

  const before = Array.from({ length: start }, (_, at): Step => [at, at])
  const after = Array.from({ length: end }, (_, at): Step => [start + n + at, start + m + at])
  const middle = shortest(n, m, (l, r) => lefts[start + l] === rights[start + r]).map(([l, r]): Step => [
    l === null ? null : start + l,
    r === null ? null : start + r,
  ])
  return [...before, ...middle, ...after]
}

function shortest(n: number, m: number, isSame: (l: number, r: number) => boolean): readonly Step[] {
  const replaced = (): readonly Step[] => [
    ...Array.from({ length: n }, (_, at): Step => [at, null]),
    ...Array.from({ length: m }, (_, at): Step => [null, at]),
  ]
  if (n === 0 || m === 0) return replaced()

  // `reach[k]`: how far the left is read on the diagonal k = left - right, after d differences
  const trail: Map<number, number>[] = []
  let reach = new Map([[1, 0]])
  for (let d = 0; d <= Math.min(n + m, MAX_DIFFERENCES); d += 1) {
    trail.push(reach)
    reach = new Map(reach)
    for (let k = -d; k <= d; k += 2) {
      let l = isDown(reach, k, d) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1
      while (l < n && l - k < m && l - k >= 0 && isSame(l, l - k)) l += 1
      reach.set(k, l)
      if (l >= n && l - k >= m) return walkedBack(trail, n, m)
    }
  }
  return replaced()
}

const isDown = (reach: ReadonlyMap<number, number>, k: number, d: number): boolean =>
  k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1))

function walkedBack(trail: readonly ReadonlyMap<number, number>[], n: number, m: number): readonly Step[] {
  const back: Step[] = []
  let l = n
  let r = m
  for (let d = trail.length - 1; d >= 0; d -= 1) {
    const reach = trail[d]!
    const k = l - r
    const from = isDown(reach, k, d) ? k + 1 : k - 1
    const lBefore = reach.get(from) ?? 0
    const rBefore = lBefore - from
    while (l > lBefore && r > rBefore && l > 0 && r > 0) back.push([(l -= 1), (r -= 1)])
    if (d === 0) break
    if (l > lBefore) back.push([(l -= 1), null])
    else back.push([null, (r -= 1)])
  }
  return back.reverse()
}
