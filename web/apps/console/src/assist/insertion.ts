/** The composer on screen takes words from elsewhere in the window; there is one at most. */
let composer: ((words: string) => void) | null = null

/** Until the returned function is called, what is inserted goes to `take`. */
export function takeInsertions(take: (words: string) => void): () => void {
  composer = take
  return () => {
    if (composer === take) composer = null
  }
}

/** Puts words where the cursor is; false when nobody may write here now. */
export function insert(words: string): boolean {
  composer?.(words)
  return composer !== null
}

/** As if they had been typed, so that undo takes them back. */
export function typeInto(field: HTMLTextAreaElement, words: string): void {
  field.focus()
  const before = field.value.slice(0, field.selectionStart)
  const gap = before === '' || /\s$/.test(before) ? '' : '\n'
  if (!document.execCommand('insertText', false, gap + words)) {
    field.setRangeText(gap + words, field.selectionStart, field.selectionEnd, 'end')
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
}
