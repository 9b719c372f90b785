import { defineConfig } from 'vite'

// The page is served under a strict content policy: nothing is inlined into it.
export default defineConfig({
  base: '/static/widget/',
  build: {
    outDir: '../../../static/widget',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
