import { expect, it } from 'vitest'

import { floatCss } from './look'

it('takes numbers, and only numbers, from the page', () => {
  const css = floatCss({ offsetX: '32', offsetY: 0, zIndex: '7;}*{display:none', position: 'left' })
  expect(css).toContain('--x:calc(32px + env(safe-area-inset-left,0px))')
  expect(css).toContain('--y:calc(0px')
  expect(css).toContain('z-index:7;left:')
  expect(css).not.toContain('*{display:none')
  expect(floatCss({})).not.toMatch(/undefined|NaN/)
})

it('is dark when asked, or when the visitor’s system is', () => {
  expect(floatCss({ theme: 'auto' })).toContain('prefers-color-scheme:dark')
  expect(floatCss({ theme: 'light' })).not.toContain('#181c25')
  expect(floatCss({ theme: 'dark' })).toContain('#181c25')
})
