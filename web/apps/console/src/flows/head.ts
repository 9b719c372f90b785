/** What a copy of a flow is called and whom it greets. */
export interface Named {
  readonly code: string
  readonly name_zh: string
  readonly name_en: string
  readonly tiers: readonly string[]
}

/** A flow's text under another code, name and tiers; all else, comments too, stays as it is. */
export function copyOf(source: string, { code, name_zh, name_en, tiers }: Named): string {
  const head = {
    flow: `flow: ${code}`,
    name: `name: { zh: ${JSON.stringify(name_zh)}, en: ${JSON.stringify(name_en)} }`,
    tiers: `tiers: [${tiers.join(', ')}]`,
  }
  return Object.entries(head).reduceRight((text, [key, line]) => {
    // a key at the margin, with all that is indented below it or continues its list
    const entry = new RegExp(`^${key}[ \\t]*:.*(?:\\n(?:[ \\t]+\\S.*|-.*|[\\]}].*))*`, 'm')
    return entry.test(text) ? text.replace(entry, () => line) : `${line}\n${text}`
  }, source)
}

/** The first free one of `code`, `code_2`, `code_3`, … */
export function freeCode(code: string, taken: ReadonlySet<string>): string {
  if (!taken.has(code)) return code
  let count = 2
  while (taken.has(`${code}_${count}`)) count += 1
  return `${code}_${count}`
}

/** Flows without tiers and start are there to be used by others, and greet nobody. */
export const isShared = (source: string): boolean => !/^(start|tiers)[ \t]*:/m.test(source)

/** Whom it says it greets. */
export const tiersIn = (source: string): readonly string[] =>
  /^tiers[ \t]*:\s*\[([^\]]*)\]/m.exec(source)?.[1]?.match(/[a-z0-9_]+/g) ??
  [
    ...(/^tiers[ \t]*:[ \t]*((?:\n[ \t]*- .*)+)/m.exec(source)?.[1]?.matchAll(/- *["']?([a-z0-9_]+)/g) ?? []),
  ].map((one) => one[1]!)

/** Where it says so; the first line while it does not. */
export const lineOfTiers = (source: string): number =>
  Math.max(source.split('\n').findIndex((line) => /^tiers[ \t]*:/.test(line)), 0) + 1

/** The code of the shared flow this one uses. */
export const usedBy = (source: string): string | null =>
  /^uses[ \t]*:[ \t]*["']?([a-z0-9_]+)/m.exec(source)?.[1] ?? null
