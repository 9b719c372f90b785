/** What the page says by itself: to screen readers, while it works, and when something fails. */
import { byId } from './panes'

const SLOW_MS = 300

/** A sentence of the page in its language; `{count}` is filled in. */
export const say = (what: string, count?: number): string =>
  (byId('help')!.getAttribute(`data-say-${what}`) ?? '').replace('{count}', String(count))

/** For screen readers. */
export function tell(text: string): void {
  byId('told')!.textContent = text
}

/** What failed and what to do; the empty string takes it away. */
export function trouble(text: string, retry?: () => void): void {
  const box = byId('trouble')!
  const [words, button] = [box.querySelector('p')!, box.querySelector('button')!]
  box.hidden = !text
  words.textContent = text
  button.hidden = !retry
  button.textContent = say('retry')
  button.onclick = () => retry?.()
}

let working = 0

/** Shows that something is on its way, once it takes longer than a moment. */
export async function withProgress<T>(work: Promise<T>): Promise<T> {
  working += 1
  const timer = setTimeout(() => turn(true), SLOW_MS)
  try {
    return await work
  } finally {
    clearTimeout(timer)
    working -= 1
    if (!working) turn(false)
  }
}

function turn(isWorking: boolean): void {
  byId('progress')!.hidden = !isWorking
  byId('main')?.setAttribute('aria-busy', String(isWorking))
  if (isWorking) tell(say('loading'))
}
