import { beforeEach, expect, it } from 'vitest'

import { byId, show } from './panes'

const page = (panes: string, view = 'article', lang = 'zh-CN') =>
  `<div id="help" class="at-${view}" data-title="${view}" lang="${lang}"><header id="top" data-key="${lang}">
   <input id="q" value="宽带"><a id="language" href="?lang=en"></a></header><main id="main">${panes}</main></div>`
const parsed = (html: string) => new DOMParser().parseFromString(html, 'text/html')

const tree = '<nav id="tree" data-pane><a href="/help/gd?category=kd">宽带</a></nav>'
const list = (key: string) =>
  `<section id="list" data-pane data-key="${key}"><a data-article="a1">一</a><a data-article="a2">二</a></section>`
const article = (id: string, text = id) =>
  `<article id="document" data-pane data-article="${id}" data-key="${id}@1"><h1>${text}</h1></article>`
const side = '<aside id="side" data-pane></aside>'

beforeEach(() => {
  document.body.innerHTML = page(tree + list('k1') + side, 'list')
})

it('keeps the list as it is when an article opens beside it', () => {
  const [kept, top] = [byId('list')!, byId('top')!]
  kept.scrollTop = 120
  show(parsed(page(tree + article('a2'))), true, false)
  expect(byId('list')).toBe(kept)
  expect(kept.scrollTop).toBe(120)
  expect([...byId('main')!.children].map(({ id }) => id)).toEqual(['tree', 'list', 'document'])
  expect(kept.querySelector('[aria-current]')!.textContent).toBe('二')
  expect([byId('help')!.className, document.title, byId('top')]).toEqual(['at-article', 'article', top])

  show(parsed(page(tree + list('k1') + side, 'list')), false, false) // and back
  expect(byId('list')).toBe(kept)
  expect([...byId('main')!.children].map(({ id }) => id)).toEqual(['tree', 'list', 'side'])
  expect(kept.querySelector('[aria-current]')).toBeNull()
})

it('shows another list in its place', () => {
  const old = byId('list')
  show(parsed(page(tree + list('k2') + side, 'list')), false, false)
  expect(byId('list')).not.toBe(old)
  expect(byId('list')!.dataset['key']).toBe('k2')
})

it('takes nothing for granted when asked to look again', () => {
  show(parsed(page(tree + article('a1', 'old'))), true, false)
  show(parsed(page(tree + article('a1', 'new'))), false, false)
  expect(byId('document')!.textContent).toBe('old')
  show(parsed(page(tree + article('a1', 'new'))), false, true)
  expect(byId('document')!.textContent).toBe('new')
})

it('keeps the focus on the same link of a new tree', () => {
  document.querySelector<HTMLElement>('#tree a')!.focus()
  const open = '<nav id="tree" data-pane><a href="/help/gd?category=kd" aria-current="page">宽带</a><a>移机</a></nav>'
  show(parsed(page(open + list('k2') + side, 'list')), false, false)
  expect(document.activeElement!.getAttribute('aria-current')).toBe('page')
})

it('leaves alone what is being typed when only looking again', () => {
  const input = byId('q') as HTMLInputElement
  input.value = '移机'
  show(parsed(page(tree + list('k1') + side, 'list')), false, true)
  expect(input.value).toBe('移机')
})

it('says what was searched for, in the language of the page', () => {
  const input = byId('q') as HTMLInputElement
  input.value = '别的'
  show(parsed(page(tree + list('k1') + side, 'list')), false, false)
  expect([byId('q'), input.value]).toEqual([input, '宽带'])
  show(parsed(page(tree + list('k9') + side, 'list', 'en')), false, false)
  expect([byId('q') === input, document.documentElement.lang]).toEqual([false, 'en'])
})
