/** Suggestions below the search box while somebody types: a combobox with a list (ARIA 1.2). */
import type { Completion, CompletionList } from '@wecc/protocol'

import { ask } from './server'
import { byId } from './panes'
import { say, tell } from './telling'

const PAUSE_MS = 120
const LIMIT = 8

let shown: readonly Completion[] = []
let active = -1
let asked = ''
let underWay: AbortController | null = null
let pause = 0

const input = () => byId('q') as HTMLInputElement
const list = () => byId('completions')!

/** Prepares the search box; without script it is an ordinary one. */
export function dressSearch(): void {
  const box = input()
  box.setAttribute('role', 'combobox')
  box.setAttribute('aria-autocomplete', 'list')
  box.setAttribute('aria-controls', 'completions')
  box.setAttribute('aria-expanded', 'false')
}

/** Whatever is being typed: suggestions follow once there is a pause; older ones stay until then. */
export function typed(): void {
  clearTimeout(pause)
  const text = input().value.trim()
  if (!text) return close()
  pause = window.setTimeout(() => void complete(text), PAUSE_MS)
}

export function close(): void {
  clearTimeout(pause)
  underWay?.abort()
  draw([], '')
}

/** Moves in the list, opens or closes it. Returns the suggestion that was chosen, if any. */
export function pressed(event: KeyboardEvent): Completion | null {
  if (event.isComposing) return null
  const { key } = event
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    event.preventDefault()
    if (!shown.length) typed()
    else activate(step(active, key === 'ArrowDown' ? 1 : -1, shown.length))
  } else if (key === 'Enter' && active >= 0) {
    event.preventDefault()
    return shown[active]!
  } else if (key === 'Escape' && shown.length) {
    event.preventDefault()
    close()
  } else if (key === 'Tab') close()
  return null
}

/** The suggestion that an element is, if it is one. */
export const completionOf = (element: Element): Completion | null =>
  shown[[...list().children].indexOf(element.closest('[role=option]')!)] ?? null

/** The next place in a list of `count`, or none (-1), where the typed words themselves count. */
export function step(from: number, by: 1 | -1, count: number): number {
  const next = from + by
  return next >= count ? -1 : next < -1 ? count - 1 : next
}

async function complete(text: string): Promise<void> {
  underWay?.abort()
  const { signal } = (underWay = new AbortController())
  const query = new URLSearchParams({ q: text, limit: String(LIMIT), center: document.body.dataset['center']! })
  try {
    const response = await ask(`/api/v1/kb/complete?${query}`, { signal })
    const found = response.ok ? ((await response.json()) as CompletionList).completions : []
    if (!signal.aborted && document.activeElement === input()) draw(found, text)
  } catch {
    if (!signal.aborted) draw([], text) // searching itself says what is wrong
  }
}

function draw(found: readonly Completion[], text: string): void {
  if (found.length && text !== asked) tell(say('completions-count', found.length))
  asked = text
  shown = found
  const options = found.map(({ text, marks }, index) => {
    const option = document.createElement('li')
    option.id = `completion-${index}`
    option.setAttribute('role', 'option')
    option.append(...marked(text, marks))
    return option
  })
  list().replaceChildren(...options)
  list().hidden = !found.length
  input().setAttribute('aria-expanded', String(found.length > 0))
  activate(-1)
}

/** A text with what matched in `<mark>`. */
export function marked(text: string, marks: readonly (readonly number[])[]): Node[] {
  const nodes: Node[] = []
  const letters = [...text] // positions count letters, not UTF-16 units
  const piece = (from: number, to?: number) => letters.slice(from, to).join('')
  let at = 0
  for (const [start, end] of marks as readonly (readonly [number, number])[]) {
    const mark = document.createElement('mark')
    mark.textContent = piece(start, end)
    nodes.push(document.createTextNode(piece(at, start)), mark)
    at = end
  }
  nodes.push(document.createTextNode(piece(at)))
  return nodes.filter(({ textContent }) => textContent)
}

function activate(index: number): void {
  active = index
  const options = [...list().children]
  options.forEach((option, at) => option.setAttribute('aria-selected', String(at === index)))
  options[index]?.scrollIntoView({ block: 'nearest' })
  if (index < 0) input().removeAttribute('aria-activedescendant')
  else input().setAttribute('aria-activedescendant', `completion-${index}`)
}
