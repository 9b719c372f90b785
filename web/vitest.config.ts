import { defineConfig } from 'vitest/config'

// Each workspace is a project of its own: what it compiles with, it is tested with.
const project = (root: string, config?: string) => ({
  extends: config ?? (false as const),
  root,
  test: { name: root, environment: 'jsdom', css: true },
})

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      project('packages/protocol'),
      project('packages/realtime'),
      project('packages/ui'),
      project('apps/embed', './apps/embed/vite.config.ts'),
      project('apps/widget', './apps/widget/vite.config.ts'),
      project('apps/help', './apps/help/vite.config.ts'),
      project('apps/console', './apps/console/vite.config.ts'),
    ],
  },
})
