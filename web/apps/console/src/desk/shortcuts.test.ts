import { expect, it } from 'vitest'

import { commandOf } from './shortcuts'

const key = (init: KeyboardEventInit, target: Element = document.body) => {
  const event = new KeyboardEvent('keydown', init)
  Object.defineProperty(event, 'target', { value: target })
  return commandOf(event)
}

it('reads keys by their place, so that Alt on a Mac does not matter', () => {
  expect(key({ altKey: true, code: 'KeyJ', key: '∆' })).toBe('next')
  expect(key({ ctrlKey: true, code: 'KeyK', key: 'k' })).toBe('search')
  expect(key({ altKey: true, code: 'KeyK', key: 'k' })).toBe('previous')
})

it('leaves other chords to the browser', () => {
  expect(key({ altKey: true, ctrlKey: true, code: 'KeyJ' })).toBeNull()
  expect(key({ ctrlKey: true, code: 'KeyC' })).toBeNull()
  expect(key({ code: 'KeyJ' })).toBeNull()
  expect(key({ altKey: true, shiftKey: true, code: 'KeyA' })).toBeNull()
})

it('a question mark typed into a text is a question mark', () => {
  expect(key({ key: '?', shiftKey: true, code: 'Slash' })).toBe('sheet')
  expect(key({ key: '?', shiftKey: true, code: 'Slash' }, document.createElement('textarea'))).toBeNull()
})

it('an f opens the wall, except where letters are typed or looked for', () => {
  const list = document.createElement('div')
  list.setAttribute('role', 'listbox')
  expect(key({ key: 'f', code: 'KeyF' })).toBe('wall')
  expect(key({ key: 'f', code: 'KeyF', ctrlKey: true })).toBeNull()
  expect(key({ key: 'f', code: 'KeyF' }, document.createElement('input'))).toBeNull()
  expect(key({ key: 'f', code: 'KeyF' }, list)).toBeNull()
})

it('an input method has all its keys', () => {
  expect(key({ code: 'Escape', key: 'Escape', isComposing: true })).toBeNull()
})
