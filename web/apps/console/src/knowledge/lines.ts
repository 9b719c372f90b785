/** The limits of the wire: more, or longer ones, would be refused. */
export const MAX_ALTERNATIVES = 200
export const MAX_TITLE = 300

/** Questions as people paste them: one a line, with bullets and numbers that are not part of them. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split(/\r\n|[\r\n\u2028]/)
    .map((line) =>
      line
        .replace(/^\s*(?:[-*+•·]\s+|\d{1,3}(?:[.)]\s+|、\s*))/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter(Boolean)
    .map((line) => line.slice(0, MAX_TITLE))

/** Both together, each question once. Letters' case and spaces make no other question. */
export function joined(known: readonly string[], added: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return [...known, ...added].filter((line) => {
    const key = line.toLowerCase().replace(/\s+/g, '')
    return key !== '' && !seen.has(key) && seen.add(key)
  })
}
