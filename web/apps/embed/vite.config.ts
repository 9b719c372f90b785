import { defineConfig } from 'vite'

// The loader runs on other people's pages: one plain script, no module, nothing fetched beside it.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: '../../../static',
    emptyOutDir: false, // the other faces live there too
    lib: { entry: 'src/main.ts', formats: ['iife'], name: 'WECCLoader', fileName: () => 'embed.js' },
  },
})
