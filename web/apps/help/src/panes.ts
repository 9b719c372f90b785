/** The panes of the page, and putting new ones in the place of old ones. */

export const byId = (id: string): HTMLElement | null => document.getElementById(id)

/** How far each pane, and the page itself, is scrolled. */
export type Scroll = Readonly<Record<string, number>>

export function scrollNow(): Scroll {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')]
  return { page: scrollY, ...Object.fromEntries(panes.map((pane) => [pane.id, pane.scrollTop])) }
}

export function scrollTo(scroll: Scroll): void {
  for (const pane of document.querySelectorAll<HTMLElement>('[data-pane]'))
    pane.scrollTop = scroll[pane.id] ?? 0
  window.scrollTo(0, scroll['page'] ?? 0)
}

/**
 * Shows what the server made. A pane that says the same as before, or has the same `data-key`, stays the very
 * node it was, with its focus and its scroll; with `isFresh` only the former. A pane that was not asked for stays.
 */
export function show(fetched: Document, isWithoutList: boolean, isFresh: boolean): void {
  const from = fetched.getElementById('help')!
  const to = byId('help')!
  document.title = from.dataset['title']!
  document.documentElement.lang = from.lang
  for (const { name, value } of from.attributes) to.setAttribute(name, value)
  showTop(fetched, isFresh)

  const main = byId('main')!
  const wanted = [...fetched.getElementById('main')!.children] as HTMLElement[]
  const list = byId('list')
  if (isWithoutList && list) wanted.splice(1, 0, list)
  let at = main.firstElementChild
  for (const pane of wanted) {
    const old = [...main.children].find(({ id }) => id === pane.id) as HTMLElement | undefined
    if (old && (old === pane || old.isEqualNode(pane) || (!isFresh && hasSameKey(old, pane)))) {
      while (at && at !== old) at = removed(at)
      at = old.nextElementSibling
    } else if (old && old === at) {
      at = old.nextElementSibling
      replace(old, pane)
    } else main.insertBefore(pane, at)
  }
  while (at) at = removed(at)
  markCurrent()
}

const hasSameKey = (one: HTMLElement, other: HTMLElement) =>
  !!one.dataset['key'] && one.dataset['key'] === other.dataset['key']

function removed(node: Element): Element | null {
  const next = node.nextElementSibling
  node.remove()
  return next
}

/** A pane's scroll stays, and the focus where the same link is again. */
function replace(old: HTMLElement, pane: HTMLElement): void {
  const focused = old.contains(document.activeElement) ? document.activeElement!.getAttribute('href') : null
  const top = old.dataset['key'] === pane.dataset['key'] ? old.scrollTop : 0
  old.replaceWith(pane)
  pane.scrollTop = top
  if (focused) pane.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus()
}

/** The search box stays, unless the language is another; it says what was searched for, or is being typed. */
function showTop(fetched: Document, isFresh: boolean): void {
  const top = byId('top')!
  const next = fetched.getElementById('top')!
  if (!hasSameKey(top, next)) return top.replaceWith(next)
  const link = byId('language') as HTMLAnchorElement | null
  if (link) link.href = (fetched.getElementById('language') as HTMLAnchorElement).getAttribute('href')!
  const input = byId('q') as HTMLInputElement
  if (!isFresh) input.value = (fetched.getElementById('q') as HTMLInputElement).defaultValue
}

function markCurrent(): void {
  const shown = byId('document')?.dataset['article']
  for (const link of document.querySelectorAll<HTMLElement>('#list a[data-article]'))
    if (link.dataset['article'] === shown) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
}
