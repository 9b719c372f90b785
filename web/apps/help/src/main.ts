/**
 * The help page with script: the server renders, this fetches the same pages and puts their panes in place, so
 * that nothing flickers, scroll and focus stay where they belong and "back" is immediate. Without it, everything
 * but the suggestions and the chat works too.
 */
import './main.css'

import type { Completion } from '@wecc/protocol'

import * as completions from './completions'
import { saveFile } from './files'
import { byId } from './panes'
import { isWithin, searchUrl } from './places'
import { askParts, onIdentity, openChat, token } from './server'
import { say, tell, trouble, withProgress } from './telling'
import { canGoBack, place, question, startVisits, visit } from './visits'

const input = () => byId('q') as HTMLInputElement
const isInWidget = document.body.dataset['embed'] === 'widget'

document.documentElement.dataset['script'] = ''
completions.dressSearch()
startVisits(token() !== null)
onIdentity(refresh)
// Kept by the browser as it was: since then he may have signed out, or what he read been withdrawn.
addEventListener('pageshow', ({ persisted }) => persisted && refresh())

document.addEventListener('click', (event) => {
  const target = event.target as Element
  if (target.closest('[data-ask]')) return askPerson()
  const link = target.closest<HTMLAnchorElement>('a[href]')
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
  if (!link || !isPlain || event.defaultPrevented) return
  if (saveFile(link)) return event.preventDefault()
  const to = new URL(link.href)
  const goal = to.hash && to.pathname === place().pathname && byId(to.hash.slice(1))
  if (goal) {
    event.preventDefault() // a step of the history would lead nowhere
    return goal.focus()
  }
  if (!isWithin(to, place())) return
  event.preventDefault()
  if ('back' in link.dataset && canGoBack()) history.back()
  else void visit(to, 'push').then(() => link.id === 'language' && dressAgain())
})

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement
  if (form.id === 'search') {
    event.preventDefault()
    const to = searchUrl(form.action, new FormData(form))
    completions.close()
    if (matchMedia('(pointer: coarse)').matches) input().blur() // the keyboard covers the results
    void visit(to, 'push')
  } else if ('part' in form.dataset) {
    event.preventDefault()
    void send(form, event.submitter)
  }
})

document.addEventListener('input', ({ target }) => {
  if ((target as Element).id === 'q') completions.typed()
})
document.addEventListener('keydown', (event) => {
  if ((event.target as Element).id !== 'q') return
  const chosen = completions.pressed(event)
  if (chosen) open(chosen)
})
document.addEventListener('focusout', ({ target }) => {
  if ((target as Element).id === 'q') completions.close()
})
document.addEventListener('mousedown', (event) => {
  const { target } = event
  const list = (target as Element).closest('#completions')
  if (!list) return
  event.preventDefault() // the focus stays in the box
  const chosen = completions.completionOf(target as Element)
  if (chosen) open(chosen)
})

function refresh(): void {
  void visit(place(), 'refresh')
}

function dressAgain(): void {
  completions.dressSearch()
  byId('language')?.focus({ preventScroll: true })
}

/** A suggestion leads to its article, with what was typed as the list beside it. */
function open({ article_id }: Completion): void {
  const form = byId('search') as HTMLFormElement
  const to = searchUrl(form.action, new FormData(form))
  to.pathname += `/articles/${article_id}`
  completions.close()
  void visit(to, 'push')
}

/** Sends a form and puts what the server makes of it in its place. */
async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const fields = new URLSearchParams(new FormData(form, submitter) as unknown as Record<string, string>)
  if (!fields.has('question')) fields.set('question', question())
  const retry = () => void send(form, submitter)
  try {
    const sent = await withProgress(askParts(new URL(form.action), form.id, { method: 'POST', body: fields }))
    const answer = sent?.getElementById(form.id)
    if (!answer) return trouble(say('failed'), retry)
    trouble('')
    form.replaceWith(answer)
    const field = answer.querySelector<HTMLElement>('textarea, button')
    const said = answer.querySelector<HTMLElement>('p')!
    said.tabIndex = -1
    ;(field ?? said).focus({ preventScroll: true })
    tell(said.textContent)
  } catch {
    trouble(say('offline'), retry)
  }
}

function askPerson(): void {
  if (isInWidget) parent.postMessage({ type: 'wecc:ask', text: input().value.trim() }, location.origin)
  else openChat().catch(() => trouble(say('chat-fails'), askPerson))
}
