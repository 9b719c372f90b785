import type { KnowledgeTexts } from './texts'

/** One field of what was noted: what it was before and is after; `before` null where only one value was noted. */
export interface Noted {
  readonly name: string
  readonly before: string | null
  readonly after: string
}

export interface LogWords {
  readonly texts: KnowledgeTexts
  /** A moment in the reader's words. */
  readonly moment: (at_ms: number) => string
  /** The name of an article's target, an agent or a category by its id or code, if one is known. */
  readonly nameOf: (id: string) => string | undefined
}

type Data = Readonly<Record<string, unknown>>

const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a line of the log holds besides its act and subject, in words. */
export function notedOf(data: Data, words: LogWords): readonly Noted[] {
  const { before, after, address, ...others } = data
  return [...pairs(before, after, words), ...single({ ...others, address }, words)]
}

function pairs(before: unknown, after: unknown, words: LogWords): readonly Noted[] {
  if (before === undefined && after === undefined) return []
  const { log } = words.texts
  if (!isData(before) && !isData(after)) {
    const noted = {
      name: log.change,
      before: valueText('', before, words),
      after: valueText('', after, words),
    }
    return noted.before === noted.after ? [] : [noted]
  }
  const [was, is] = [isData(before) ? before : {}, isData(after) ? after : {}]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) => {
    const noted = {
      name: log.fields[key] ?? key,
      before: valueText(key, was[key], words),
      after: valueText(key, is[key], words),
    }
    return noted.before === noted.after ? [] : [noted]
  })
}

const single = (others: Data, words: LogWords): readonly Noted[] =>
  Object.entries(others).flatMap(([key, value]) => {
    if (key === 'title' || isNothing(value)) return []
    return [{ name: words.texts.log.fields[key] ?? key, before: null, after: valueText(key, value, words) }]
  })

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (isData(value) && Object.keys(value).length === 0)

function valueText(key: string, value: unknown, words: LogWords): string {
  const { texts, moment, nameOf } = words
  const { log, stages, difference } = texts
  if (isNothing(value)) return log.nothing
  if (typeof value === 'boolean') return value ? log.yes : log.no
  if (typeof value === 'number') return key.endsWith('_ms') ? moment(value) : String(value)
  if (Array.isArray(value))
    return value.length ? texts.list(value.map((one) => valueText(key, one, words))) : log.nothing
  if (isData(value))
    return Object.entries(value)
      .map(([name, one]) => `${log.fields[name] ?? name} ${valueText(name, one, words)}`)
      .join(texts.log.between)
  const text = String(value)
  if (key === 'changed') return { ...difference.fields, file_ids: difference.fields.files }[text] ?? text
  return (
    (stages as Record<string, string>)[text] ??
    (log.verdicts as Record<string, string>)[text] ??
    nameOf(text) ??
    text
  )
}
