/** Going from place to place on the one page; "back" finds list, scroll and question as they were. */
import { articleOf, haveSameList, haveSameQuestion } from './places'
import { byId, scrollNow, scrollTo, show, type Scroll } from './panes'
import { askParts, note } from './server'
import { fillFiles } from './files'
import { say, tell, trouble, withProgress } from './telling'

interface Stay {
  /** How many places of this page lie before it. */
  readonly depth: number
  readonly scroll: Scroll
  /** The question whose results it shows. */
  readonly question?: string
  /** The article that was opened from it. */
  readonly opened?: string
}

const PAUSE_MS = 150

let here = new URL(location.href)
let goal = here
let underWay: AbortController | null = null

const stay = (): Stay => (history.state as Stay | null) ?? { depth: 0, scroll: {} }

/** Whether "back" stays on the help page. */
export const canGoBack = (): boolean => stay().depth > 0

function remember(more: Partial<Stay> = {}): void {
  if (location.href !== here.href) return // on the way
  history.replaceState({ ...stay(), scroll: scrollNow(), question: question(), ...more } satisfies Stay, '')
}

/**
 * Goes to a place: `push` as a step of its own, `back` to where one was, `refresh` where one is.
 * What is shown stays until the new is there; of several the last counts.
 */
export async function visit(to: URL, how: 'push' | 'back' | 'refresh'): Promise<void> {
  underWay?.abort()
  const { signal } = (underWay = new AbortController())
  goal = to
  if (how === 'push') remember({ opened: articleOf(to) })
  const isWithoutList =
    how !== 'refresh' && articleOf(to) !== '' && !!byId('list')?.dataset['key'] && haveSameList(here, to)
  const known = how === 'back' ? (stay().question ?? '') : haveSameQuestion(here, to) ? question() : null
  const headers: HeadersInit = known === null ? {} : { 'x-question': known } // not asked anew
  let fetched: Document | null = null
  try {
    const part = isWithoutList ? 'document' : 'panes'
    fetched = await withProgress(askParts(to, part, { signal, headers }))
  } catch {
    if (signal.aborted) return
    return trouble(say('offline'), () => visit(to, how))
  }
  if (signal.aborted) return
  if (!fetched?.getElementById('help')) return trouble(say('failed'), () => visit(to, how))

  const isOtherLanguage = fetched.getElementById('help')!.lang !== document.documentElement.lang
  const scroll = isOtherLanguage || how === 'refresh' ? scrollNow() : how === 'back' ? stay().scroll : null
  trouble('')
  fillFiles(fetched)
  show(fetched, isWithoutList, how === 'refresh')
  if (how === 'push') history.pushState({ depth: stay().depth + 1, scroll: {} } satisfies Stay, '', to)
  here = to
  arrive(how, scroll)
}

function arrive(how: 'push' | 'back' | 'refresh', scroll: Scroll | null): void {
  const article = articleOf(here)
  if (scroll) scrollTo(scroll)
  else {
    window.scrollTo(0, 0)
    if (here.hash) byId(here.hash.slice(1))?.scrollIntoView()
    document.querySelector('#list [aria-current=page]')?.scrollIntoView({ block: 'nearest' })
  }
  // An article's heading gets the focus, and is read by that.
  if (!article) tell(document.querySelector('[data-announce]')?.textContent ?? document.title)
  if (how === 'refresh') return
  if (article) {
    byId('document-heading')?.focus({ preventScroll: true })
    if (how === 'push') count(article)
  } else if (how === 'back' && stay().opened) {
    const link = document.querySelector<HTMLElement>(`main a[data-article="${CSS.escape(stay().opened!)}"]`)
    link?.focus({ preventScroll: true })
  } else if (!document.activeElement?.closest('#top, #tree')) {
    byId('list-heading')?.focus({ preventScroll: true })
  }
}

/** An article was opened: what is read much becomes a hot topic. */
function count(article: string): void {
  if (!byId('document')?.querySelector('.prose')) return // not there any more
  const center_id = document.body.dataset['center']!
  note(`/api/v1/kb/articles/${article}/views`, { center_id, question_id: question() })
}

/** The question whose results are shown beside the document. */
export const question = (): string => byId('list')?.dataset['question'] ?? ''

export function startVisits(isKnown: boolean): void {
  history.scrollRestoration = 'manual'
  const before = stay()
  scrollTo(before.scroll)
  history.replaceState(before, '')
  let pause = 0
  const soon = () => {
    clearTimeout(pause)
    pause = window.setTimeout(remember, PAUSE_MS)
  }
  addEventListener('scroll', soon, { capture: true, passive: true }) // of panes too
  addEventListener('pagehide', () => remember())
  addEventListener('popstate', () => {
    const to = new URL(location.href)
    // Two quick steps may lead to where one still is, away from what is on its way.
    if (to.pathname + to.search !== goal.pathname + goal.search) void visit(to, 'back')
  })
  const article = articleOf(here)
  if (article) count(article)
  if (isKnown) void visit(here, 'refresh') // it was rendered for anybody
}

/** Where one is now. */
export const place = (): URL => here
