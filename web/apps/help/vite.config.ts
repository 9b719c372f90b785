import { defineConfig } from 'vite'

// The page itself comes from the server: here are only its script, its style and its icon, under fixed names.
export default defineConfig({
  base: '/static/help/',
  build: {
    target: 'es2022',
    outDir: '../../../static/help',
    emptyOutDir: true,
    lib: { entry: 'src/main.ts', formats: ['es'], fileName: () => 'help.js', cssFileName: 'help' },
  },
})
