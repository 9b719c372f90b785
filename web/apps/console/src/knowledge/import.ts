import type { ImportArticle, ImportOutcome, ImportReport } from '@wecc/protocol'

/** What the wire lets through at once. */
export const BATCH = 200

export interface ReadLines {
  readonly articles: readonly ImportArticle[]
  /** Lines that are no articles, by their number. */
  readonly bad: readonly { readonly line: number; readonly about: BadLine }[]
}

export type BadLine = 'json' | 'id' | 'category' | 'title' | 'alt' | 'too_long' | 'repeated'

/** The articles of a JSONL file, each line for itself: a bad one is told and stops no other. */
export function readLines(text: string): ReadLines {
  const articles: ImportArticle[] = []
  const bad: { line: number; about: BadLine }[] = []
  const ids = new Set<string>()
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n/)
    .forEach((line, at) => {
      if (!line.trim()) return
      const read = readLine(line)
      const about = typeof read === 'string' ? read : ids.has(read.id) ? 'repeated' : null
      if (about !== null) return void bad.push({ line: at + 1, about })
      const article = read as ImportArticle
      ids.add(article.id)
      articles.push(article)
    })
  return { articles, bad }
}

/** As the wire takes them: one article beyond them would hold up its whole batch. */
const MAX_CHARS = { id: 100, name: 100, title: 300, answer: 100_000, lang: 10 }
const MAX_LEVELS = 20
const MAX_ALTERNATIVES = 200

function isTooLong({ id, category, title, answer, alt, lang }: ImportArticle): boolean {
  return (
    id.length > MAX_CHARS.id ||
    category.length > MAX_LEVELS ||
    category.some((name) => name.length > MAX_CHARS.name) ||
    title.length > MAX_CHARS.title ||
    answer.length > MAX_CHARS.answer ||
    alt.length > MAX_ALTERNATIVES ||
    alt.some((one) => one.length > MAX_CHARS.title) ||
    lang.length > MAX_CHARS.lang
  )
}

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

function readLine(line: string): ImportArticle | BadLine {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'json'
  }
  if (typeof value !== 'object' || value === null) return 'json'
  const { id, category, title, answer, alt, lang } = value as Record<string, unknown>
  if ((typeof id !== 'string' && typeof id !== 'number') || String(id).length === 0) return 'id'
  if (!areTexts(category) || category.length === 0 || category.some((name) => !name.trim())) return 'category'
  if (typeof title !== 'string' || !title.trim()) return 'title'
  if (alt !== undefined && alt !== null && !areTexts(alt)) return 'alt'
  const article = {
    id: String(id),
    category,
    title,
    answer: typeof answer === 'string' ? answer : '',
    alt: (alt ?? []).filter((one) => one.trim()),
    lang: typeof lang === 'string' && lang ? lang : 'zh',
  }
  return isTooLong(article) ? 'too_long' : article
}

export const inBatches = (articles: readonly ImportArticle[]): readonly (readonly ImportArticle[])[] =>
  Array.from({ length: Math.ceil(articles.length / BATCH) }, (_, at) =>
    articles.slice(at * BATCH, (at + 1) * BATCH),
  )

export interface ImportTotals {
  readonly done: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly conflicts: readonly ImportOutcome[]
  readonly refused: readonly ImportOutcome[]
}

export const nothingYet: ImportTotals = {
  done: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  conflicts: [],
  refused: [],
}

/** The totals after one more batch of `size`. */
export const plus = (totals: ImportTotals, report: ImportReport, size: number): ImportTotals => ({
  done: totals.done + size,
  added: totals.added + report.added,
  changed: totals.changed + report.changed,
  unchanged: totals.unchanged + report.unchanged,
  conflicts: [...totals.conflicts, ...report.conflicts],
  refused: [...totals.refused, ...report.refused],
})
