import { defineConfig } from 'vite'

// The page is served under a strict content policy: nothing is inlined into it.
export default defineConfig({
  base: '/static/console/',
  build: {
    outDir: '../../../static/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // Libraries mark their modules for server rendering, which there is none of here.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
})
