/** What to put where in a text, and what is selected then. */
export interface Replacement {
  readonly from: number
  readonly to: number
  readonly text: string
  readonly select: readonly [from: number, to: number]
}

export type Mark = 'heading' | 'bold' | 'bullets' | 'numbers' | 'table' | 'link'

export interface Samples {
  readonly heading: string
  readonly bold: string
  readonly item: string
  readonly step: string
  readonly table: string
  readonly link: string
}

/** Marks the selection, or puts a sample where nothing is selected. Source: the Markdown of articles. */
export function marked(text: string, from: number, to: number, mark: Mark, samples: Samples): Replacement {
  const selected = text.slice(from, to)
  switch (mark) {
    case 'bold':
      return around(from, to, '**', selected || samples.bold, '**')
    case 'link':
      return around(from, to, '[', selected || samples.link, '](https://)')
    case 'heading':
      return lines(text, from, to, samples.heading, () => '## ')
    case 'bullets':
      return lines(text, from, to, samples.item, () => '- ')
    case 'numbers':
      return lines(text, from, to, samples.step, (at) => `${at + 1}. `)
    case 'table':
      return block(text, from, to, samples.table)
  }
}

/** Something that stands on lines of its own, parted from what is around it. */
export function block(text: string, from: number, to: number, inserted: string): Replacement {
  const before = text.slice(0, from)
  const lead = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  const trail = text.slice(to).startsWith('\n') ? '\n' : '\n\n'
  const start = from + lead.length
  return { from, to, text: lead + inserted + trail, select: [start, start + inserted.length] }
}

function around(from: number, to: number, before: string, inner: string, after: string): Replacement {
  const start = from + before.length
  return { from, to, text: before + inner + after, select: [start, start + inner.length] }
}

/** The whole lines of the selection, each with a mark before it. */
function lines(
  text: string,
  from: number,
  to: number,
  sample: string,
  prefix: (at: number) => string,
): Replacement {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const next = text.indexOf('\n', to)
  const end = next === -1 ? text.length : next
  const bare = text
    .slice(start, end)
    .split('\n')
    .map((line) => line.replace(/^\s*(?:#{1,6}|[-*+•]|\d+[.)、])\s*/, ''))
  const isEmpty = bare.every((line) => line === '')
  const filled = isEmpty ? [sample] : bare
  const marked = filled.map((line, at) => prefix(at) + line).join('\n')
  const first = start + prefix(0).length
  return {
    from: start,
    to: end,
    text: marked,
    select: isEmpty ? [first, first + sample.length] : [start, start + marked.length],
  }
}
