import type { AssistedBody, PreviewTurn, Said } from '@wecc/protocol'

/** One line of a played conversation. */
export type Line =
  | { readonly kind: 'ours'; readonly step: AssistedBody; readonly isNewest: boolean }
  | { readonly kind: 'theirs'; readonly said: Told }
  | { readonly kind: 'handed_over'; readonly turn: NonNullable<PreviewTurn['handed_over']> }
  | { readonly kind: 'closed' }

/** What a customer said, as it is shown: an option by its label. */
export type Told =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'fields'
      readonly fields: readonly { readonly label: string; readonly value: string }[]
    }

export interface Conversation {
  readonly lines: readonly Line[]
  /** What was said after it had ended; an edited flow may end earlier. */
  readonly unheard: number
  readonly hasEnded: boolean
  /** What waits for an answer. */
  readonly step: AssistedBody | null
}

/** What was said between what the flow says to it: the greeting first, then one step for each, until it ends. */
export function conversation(said: readonly Said[], turns: readonly PreviewTurn[]): Conversation {
  const lines: Line[] = []
  let step: AssistedBody | null = null
  let heard = 0
  let hasEnded = false
  turns.forEach((turn, at) => {
    // Words before a hand-over or an end are of the same turn.
    const isFarewell = turns[at - 1]?.assisted?.node === ''
    if (at > 0 && !isFarewell && said[heard]) {
      lines.push({ kind: 'theirs', said: tell(said[heard]!, step) })
      heard += 1
    }
    if (turn.assisted) {
      step = turn.assisted
      lines.push({ kind: 'ours', step, isNewest: false })
    } else {
      hasEnded = true
      lines.push(turn.handed_over ? { kind: 'handed_over', turn: turn.handed_over } : { kind: 'closed' })
    }
  })
  const last = lines.at(-1)
  if (last?.kind === 'ours') lines[lines.length - 1] = { ...last, isNewest: true }
  return { lines, unheard: said.length - heard, hasEnded, step: hasEnded ? null : step }
}

function tell({ option, fields, text }: Said, step: AssistedBody | null): Told {
  if (option) return { kind: 'text', text: step?.options.find((one) => one.id === option)?.label ?? option }
  if (!fields.length) return { kind: 'text', text }
  const labels = new Map(step?.fields.map((one) => [one.name, one.label]))
  return {
    kind: 'fields',
    fields: fields.map(({ name, value }) => ({ label: labels.get(name) ?? name, value })),
  }
}
