import { beforeEach, expect, it } from 'vitest'

import { nearFocus } from './near-focus'

beforeEach(() => {
  document.body.innerHTML =
    '<div id="root"><section class="kb-form"><form><button id="go">发布</button></form></section></div>'
  document.getElementById('go')!.focus()
})

const focused = () => document.activeElement!.tagName.toLowerCase()

it('leaves the focus alone where it still is', () => {
  const back = nearFocus()
  back()
  expect(document.activeElement!.id).toBe('go')
})

it('goes to what was around when the control goes', () => {
  const back = nearFocus()
  document.getElementById('go')!.remove()
  back()
  expect(focused()).toBe('form')
})

it('goes to what was around when the control can no longer be used', () => {
  const back = nearFocus()
  const go = document.querySelector('button')!
  go.disabled = true
  go.blur()
  back()
  expect(focused()).toBe('form')
})

it('goes to the open article when all around is gone', () => {
  document.body.insertAdjacentHTML('beforeend', '<div id="dialog"><button id="ok">好</button></div>')
  document.getElementById('ok')!.focus()
  const back = nearFocus()
  document.getElementById('dialog')!.remove()
  back()
  expect(focused()).toBe('section')
})

it('takes no focus that was nowhere', () => {
  document.getElementById('go')!.blur()
  const back = nearFocus()
  back()
  expect(focused()).toBe('body')
})
