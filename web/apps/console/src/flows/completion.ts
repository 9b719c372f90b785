/** What a flow's text can be completed with. */
export interface Vocabulary {
  /** Nodes one can go to, with the first of their words. */
  readonly nodes: readonly { readonly id: string; readonly text: string }[]
  readonly tiers: readonly { readonly code: string; readonly name: string }[]
  /** Codes of flows that others may use. */
  readonly shared: readonly string[]
}

export interface Proposal {
  readonly label: string
  readonly detail?: string
  /** What is put in where it is more than the label. */
  readonly apply?: string
}

export interface Proposals {
  /** So many characters before the cursor are replaced. */
  readonly typed: number
  readonly options: readonly Proposal[]
}

const kinds = ['text', 'long_text', 'phone', 'number', 'date', 'choice']

const values: Readonly<Record<string, readonly string[]>> = {
  to: ['queue', 'account_manager', 'senior', 'message'],
  kind: kinds,
  offers_person: ['at_once', 'after_unsolved', 'never'],
  free_text: ['knowledge', 'person'],
  person: ['true'],
  once: ['true'],
  end: ['true'],
  required: ['true', 'false'],
}

const keys = {
  top: [
    'flow',
    'name',
    'tiers',
    'uses',
    'start',
    'offers_person',
    'free_text',
    'marks',
    'limits',
    'topics',
    'nodes',
  ],
  node: ['say', 'menu', 'question', 'form', 'go', 'hand_over', 'end', 'once'],
  option: ['label', 'go', 'article', 'person', 'key', 'id'],
  field: ['name', 'label', 'kind', 'options', 'required', 'max_chars', 'least', 'most'],
  words: ['zh', 'en'],
  limits: ['unsolved_turns', 'idle_min'],
  form: ['fields', 'go'],
  hand_over: ['to', 'note'],
  question: ['category'],
} as const

const asValues = (labels: readonly string[]): readonly Proposal[] => labels.map((label) => ({ label }))
const asKeys = (labels: readonly string[]): readonly Proposal[] =>
  labels.map((label) => ({ label, apply: `${label}: ` }))

/**
 * What may stand at the end of `lines`, the text up to the cursor; null when nothing is known. Keys are proposed
 * when something of them is typed, or when they are asked for.
 */
export function proposals(
  lines: readonly string[],
  vocabulary: Vocabulary,
  isAsked: boolean,
): Proposals | null {
  const line = lines.at(-1) ?? ''
  if (/(^|\s)#/.test(line)) return null
  const value = /(?:^|[\s{,])([a-z_]+):[ \t]+(?:\[[^\]]*?)?["']?([A-Za-z0-9_]*)$/.exec(line)
  if (value) {
    const options = ofKey(value[1]!, vocabulary)
    if (options) return { typed: value[2]!.length, options }
  }
  const key = /^(\s*(?:- )?(?:.*[{,]\s*)?)([a-z_]*)$/.exec(line)
  if (!key || (key[2] === '' && !isAsked)) return null
  const known = keysAt(key[1]!, lines)
  return known ? { typed: key[2]!.length, options: asKeys(known) } : null
}

function ofKey(key: string, { nodes, tiers, shared }: Vocabulary): readonly Proposal[] | null {
  switch (key) {
    case 'go':
    case 'start':
      return [
        ...nodes.map(({ id, text }) => ({ label: id, detail: text })),
        ...(key === 'go' ? [{ label: 'home' }] : []),
      ]
    case 'tiers':
      return tiers.map(({ code, name }) => ({ label: code, detail: name }))
    case 'uses':
      return asValues(shared)
    default:
      return values[key] ? asValues(values[key]) : null
  }
}

function keysAt(before: string, lines: readonly string[]): readonly string[] | null {
  const inner = /([a-z_]+):\s*\{[^{}]*$/.exec(before)?.[1]
  if (inner === 'label' || inner === 'say' || inner === 'name') return keys.words
  if (inner === 'limits' || inner === 'hand_over' || inner === 'question' || inner === 'form')
    return keys[inner]
  if (before.includes('{') && !/^\s*- \{/.test(before)) return null
  const indent = /^ */.exec(before)![0].length
  const isItem = before.trimStart().startsWith('-')
  if (indent === 0 && !isItem) return keys.top
  const parents = keysAbove(lines, indent)
  const parent = parents[0]
  if (isItem || /^\s*- /.test(lines.at(-2) ?? '')) {
    const list = isItem ? parent : parents[0]
    if (list === 'menu') return keys.option
    if (list === 'fields') return keys.field
  }
  if (parents[1] === 'nodes' && parents.length === 2) return keys.node
  if (parent === 'say' || parent === 'label' || parent === 'name') return keys.words
  if (parent === 'limits' || parent === 'hand_over' || parent === 'question' || parent === 'form')
    return keys[parent]
  return null
}

/** The keys a line of this indentation stands below, the nearest first. */
function keysAbove(lines: readonly string[], indent: number): readonly string[] {
  const found: string[] = []
  let least = indent
  for (let at = lines.length - 2; at >= 0 && least > 0; at -= 1) {
    const parsed = /^( *)([a-z0-9_]+):/.exec(lines[at]!)
    if (!parsed || parsed[1]!.length >= least) continue
    least = parsed[1]!.length
    found.push(parsed[2]!)
  }
  return found
}
