// Builds the faces into ../static; with --watch, again after every change.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const watch = process.argv.includes('--watch') ? {} : null

for (const app of ['embed', 'widget', 'help', 'console']) {
  await build({
    root: fileURLToPath(new URL(`../apps/${app}`, import.meta.url)),
    logLevel: 'warn',
    build: { watch },
  })
}
