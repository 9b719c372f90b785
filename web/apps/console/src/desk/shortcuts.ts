import { useEffect, useRef } from 'react'

/** Everything the keyboard does; the handlers live where the effect is. */
export type Command =
  | 'next'
  | 'previous'
  | 'search'
  | 'status'
  | 'sheet'
  | 'customer'
  | 'accept'
  | 'decline'
  | 'reply'
  | 'note'
  | 'transfer'
  | 'closeConversation'
  | 'back'
  | 'wall'
  | 'insert1'
  | 'insert2'
  | 'insert3'
  | 'insert4'
  | 'insert5'

interface Chord {
  readonly code: string
  readonly with: 'alt' | 'mod' | null
}

// By the key's place, not its letter: with Alt, a Mac types other letters.
const chords: Readonly<Record<Exclude<Command, 'sheet' | 'wall'>, Chord>> = {
  next: { code: 'KeyJ', with: 'alt' },
  previous: { code: 'KeyK', with: 'alt' },
  search: { code: 'KeyK', with: 'mod' },
  status: { code: 'KeyS', with: 'alt' },
  customer: { code: 'KeyO', with: 'alt' },
  accept: { code: 'KeyA', with: 'alt' },
  decline: { code: 'KeyD', with: 'alt' },
  reply: { code: 'KeyR', with: 'alt' },
  note: { code: 'KeyN', with: 'alt' },
  transfer: { code: 'KeyT', with: 'alt' },
  closeConversation: { code: 'KeyC', with: 'alt' },
  back: { code: 'Escape', with: null },
  insert1: { code: 'Digit1', with: 'alt' },
  insert2: { code: 'Digit2', with: 'alt' },
  insert3: { code: 'Digit3', with: 'alt' },
  insert4: { code: 'Digit4', with: 'alt' },
  insert5: { code: 'Digit5', with: 'alt' },
}

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform)

/** As the sheet and the tooltips write it: `Alt+J`, `⌘K`. */
export function keysOf(command: Command): string {
  if (command === 'sheet') return '?'
  if (command === 'wall') return 'F'
  const { code, with: held } = chords[command]
  const key = code === 'Escape' ? 'Esc' : code.replace(/^(Key|Digit)/, '')
  if (held === 'alt') return isMac ? `⌥${key}` : `Alt+${key}`
  if (held === 'mod') return isMac ? `⌘${key}` : `Ctrl+${key}`
  return key
}

export function commandOf(event: KeyboardEvent): Command | null {
  if (event.isComposing) return null
  // Seen from outside, what happens in a shadow root happens at its host.
  const target = event.composedPath()[0] ?? event.target
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(target)
  if (isPlain && event.key === '?') return 'sheet'
  if (isPlain && event.key.toLowerCase() === 'f' && !isChoosing(target)) return 'wall'
  if (event.shiftKey) return null
  const mod = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
  const held = event.altKey && !event.ctrlKey && !event.metaKey ? 'alt' : mod && !event.altKey ? 'mod' : null
  if (!held && (event.altKey || event.ctrlKey || event.metaKey)) return null
  for (const [command, chord] of Object.entries(chords))
    if (chord.code === event.code && chord.with === held) return command as Command
  return null
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** In lists a letter looks for what begins with it. */
const isChoosing = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[role=listbox], [role=menu], [role=dialog]') !== null

const handlers = new Map<Command, Set<() => void>>()

/** Does `handler` on the command's keys while the component is shown and `handler` is not null. */
export function useCommand(command: Command, handler: (() => void) | null): void {
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  const isOn = handler !== null
  useEffect(() => {
    if (!isOn) return
    const run = () => latest.current?.()
    const known = handlers.get(command) ?? new Set()
    handlers.set(command, known.add(run))
    return () => void known.delete(run)
  }, [command, isOn])
}

/** Does what the command does: from a key, a menu or a notification. */
export function runCommand(command: Command): boolean {
  const last = [...(handlers.get(command) ?? [])].at(-1)
  last?.()
  return last !== undefined
}

/** Listens to the keyboard until the returned function is called. */
export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent) => {
    const command = event.defaultPrevented ? null : commandOf(event)
    if (command && runCommand(command)) event.preventDefault()
  }
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}
