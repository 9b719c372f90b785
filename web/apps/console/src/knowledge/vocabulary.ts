/** The words as they are edited: rows as text, so that half-typed ones stay as they are. */
export interface WordsText {
  readonly rows: readonly string[]
  readonly words: string
}

export interface Words {
  readonly synonyms: readonly (readonly string[])[]
  readonly words: readonly string[]
}

/** Commas and their like part words; spaces do too where nothing else does: `5G network` is one word with commas. */
export function wordsOf(row: string): readonly string[] {
  const parts = /[,，、;；|=]/.test(row) ? row.split(/[,，、;；|=]/) : row.split(/\s+/)
  return [...new Set(parts.map((one) => one.trim().replace(/\s+/g, ' ')).filter(Boolean))]
}

export const rowOf = (words: readonly string[]): string => words.join('，')

export const textOf = ({ synonyms, words }: Words): WordsText => ({
  rows: synonyms.map(rowOf),
  words: words.join('\n'),
})

/** A row that says nothing yet: a single word is equal to none. */
export const isIncomplete = (row: string): boolean => row.trim() !== '' && wordsOf(row).length < 2

/** What is saved: rows with at least two words, each row once, each word once. */
export function readWords({ rows, words }: WordsText): Words {
  const seen = new Set<string>()
  const synonyms = rows.map(wordsOf).filter((row) => {
    const key = keyOf(row)
    return row.length > 1 && !seen.has(key) && seen.add(key)
  })
  return { synonyms, words: [...new Set(words.split('\n').flatMap((line) => line.trim() || []))] }
}

export interface WordsChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** What one side did to what both began with, rows and words together. */
export function changeOf(base: Words, now: Words): WordsChange {
  const all = (words: Words) => [...words.synonyms.map(rowOf), ...words.words]
  const [before, after] = [new Set(all(base)), new Set(all(now))]
  return {
    added: [...after].filter((one) => !before.has(one)),
    removed: [...before].filter((one) => !after.has(one)),
  }
}

/** Theirs with what was added and removed here since `base`: nothing that either side wrote is lost. */
export function merged(base: Words, mine: Words, theirs: Words): Words {
  const list = <T>(key: (one: T) => string, of: (words: Words) => readonly T[]) => {
    const had = new Set(of(base).map(key))
    const have = new Set(of(mine).map(key))
    const kept = of(theirs).filter((one) => have.has(key(one)) || !had.has(key(one)))
    const known = new Set(kept.map(key))
    return [...kept, ...of(mine).filter((one) => !had.has(key(one)) && !known.has(key(one)))]
  }
  return {
    synonyms: list(keyOf, (words) => words.synonyms),
    words: list(
      (word: string) => word,
      (words) => words.words,
    ),
  }
}

/** The order of equal words makes no other row. */
const keyOf = (row: readonly string[]): string => [...row].sort().join('\n')
