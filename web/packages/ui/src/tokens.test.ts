import { expect, it } from 'vitest'

import css from './tokens.css?raw'

const tokensOf = (block: string): Record<string, string> =>
  Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[\da-f]{6})/g)].map((m) => [m[1]!, m[2]!]))

const blocks = [...css.matchAll(/(?<selector>:root[^{]*)\{(?<body>[^}]*)\}/g)].map((m) => m.groups!)
const light = tokensOf(blocks[0]!['body']!)
const [darkBySystem, darkByPage] = blocks
  .filter(({ selector }) => selector!.includes('data-theme'))
  .map(({ body }) => tokensOf(body!))

const luminance = (hex: string): number => {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high! + 0.05) / (low! + 0.05)
}

const surfaces = ['bg', 'surface', 'surface-2']
const pairs = [
  ...surfaces.flatMap((on) =>
    ['text', 'text-2', 'text-3', 'accent-text', 'ok', 'warn', 'danger'].map((t) => [t, on]),
  ),
  ['text', 'surface-3'],
  ['text-2', 'surface-3'],
  ['text', 'accent-soft'],
  ['accent-text', 'accent-soft'],
  ['ok', 'ok-soft'],
  ['warn', 'warn-soft'],
  ['danger', 'danger-soft'],
  ['text', 'warn-soft'],
  ['text', 'danger-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-accent', 'accent-press'],
  ['on-danger', 'danger-solid'],
]

it.each([
  ['light', light],
  ['dark', { ...light, ...darkByPage }],
])('%s text is readable (WCAG AA, 4.5 : 1)', (_, tokens) => {
  const bad = pairs
    .map(([text, on]) => ({ text, on, ratio: contrast(tokens[text!]!, tokens[on!]!) }))
    .filter(({ ratio }) => ratio < 4.5)
  expect(bad).toEqual([])
  for (const on of surfaces) expect(contrast(tokens['focus']!, tokens[on]!)).toBeGreaterThan(3)
})

it('dark is the same whoever asks for it', () => {
  expect(darkByPage).toEqual(darkBySystem)
  expect(Object.keys(darkByPage!).length).toBeGreaterThan(20)
})
