import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { close, completionOf, dressSearch, marked, pressed, step, typed } from './completions'

const found = [
  { article_id: 'a1', text: '宽带移机怎么办理', marks: [[0, 2]] },
  { article_id: 'a2', text: '𠮷宽带', marks: [[1, 3]] },
]
const box = () => document.getElementById('q') as HTMLInputElement
const options = () => [...document.querySelectorAll('[role=option]')]
const press = (key: string, more: KeyboardEventInit = {}) =>
  pressed(new KeyboardEvent('keydown', { key, cancelable: true, ...more }))

beforeEach(() => {
  Element.prototype.scrollIntoView ??= () => {} // jsdom lays nothing out
  vi.useFakeTimers()
  document.body.dataset['center'] = 'gd'
  document.body.innerHTML = `<div id="help" data-say-completions-count="{count} 条建议"></div><p id="told"></p>
    <input id="q"><ul id="completions" role="listbox" hidden></ul>`
  dressSearch()
  box().focus()
})

afterEach(() => {
  close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function type(text: string, answer: unknown = { completions: found }) {
  const fetched = vi.fn((_path: string, _init: RequestInit) => Promise.resolve(new Response(JSON.stringify(answer))))
  vi.stubGlobal('fetch', fetched)
  box().value = text
  typed()
  await vi.advanceTimersByTimeAsync(200)
  return fetched
}

it('asks once there is a pause, without cookies, and shows what it got', async () => {
  const fetched = await type('宽带')
  expect(fetched.mock.calls.map(([path]) => path)).toEqual([
    `/api/v1/kb/complete?q=${encodeURIComponent('宽带')}&limit=8&center=gd`,
  ])
  expect(fetched.mock.calls[0]![1].credentials).toBe('omit')
  expect(options().map((option) => option.innerHTML)).toEqual(['<mark>宽带</mark>移机怎么办理', '𠮷<mark>宽带</mark>'])
  expect(box().getAttribute('aria-expanded')).toBe('true')
  expect(document.getElementById('told')!.textContent).toBe('2 条建议')
  expect(completionOf(options()[1]!.querySelector('mark')!)?.article_id).toBe('a2')
})

it('is moved through by keys, past the ends to what was typed', async () => {
  await type('宽带')
  expect(press('Enter')).toBeNull() // nothing chosen: the search itself
  press('ArrowDown')
  expect(box().getAttribute('aria-activedescendant')).toBe(options()[0]!.id)
  expect(options().map((option) => option.getAttribute('aria-selected'))).toEqual(['true', 'false'])
  expect(press('Enter', { isComposing: true })).toBeNull()
  expect(press('Enter')?.article_id).toBe('a1')
  press('ArrowUp')
  expect(box().hasAttribute('aria-activedescendant')).toBe(false)
  press('Escape')
  expect(options()).toEqual([])
  expect(box().getAttribute('aria-expanded')).toBe('false')
})

it('shows nothing late: the box was emptied meanwhile', async () => {
  let answer = (_: Response) => {}
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)))
  box().value = '宽带'
  typed()
  await vi.advanceTimersByTimeAsync(200)
  box().value = ''
  typed()
  answer(new Response(JSON.stringify({ completions: found })))
  await vi.advanceTimersByTimeAsync(200)
  expect(options()).toEqual([])
})

it('steps through the places and back', () => {
  expect([step(-1, 1, 2), step(0, 1, 2), step(1, 1, 2), step(-1, -1, 2), step(0, -1, 2)]).toEqual([0, 1, -1, 1, -1])
})

it('marks by letters, and nothing in a text is markup', () => {
  const box = document.createElement('p')
  box.append(...marked('<b>宽带</b>', [[3, 5]]))
  expect(box.innerHTML).toBe('&lt;b&gt;<mark>宽带</mark>&lt;/b&gt;')
})
