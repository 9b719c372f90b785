// What a visitor's browser downloads, against its budget.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const built = new URL('../../static/', import.meta.url)
const files = readdirSync(built, { recursive: true }).map((path) => path.replaceAll('\\', '/'))

const budgets = [
  { what: 'embed.js', limit_bytes: 3_000, matches: /^embed\.js$/ },
  { what: 'widget', limit_bytes: 45_000, matches: /^widget\/assets\/(?!later-).*\.(js|css)$/ },
  { what: 'widget, once open', limit_bytes: 10_000, matches: /^widget\/assets\/later-.*\.js$/ },
  { what: 'help', limit_bytes: 12_000, matches: /^help\/.*\.(js|css)$/ },
  { what: 'console', limit_bytes: Infinity, matches: /^console\/.*\.(js|css)$/ },
]

const rows = budgets.map(({ what, limit_bytes, matches }) => {
  const parts = files.filter((path) => matches.test(path))
  const gzip_bytes = parts.reduce((sum, path) => sum + gzipSync(readFileSync(new URL(path, built))).length, 0)
  return { what, files: parts.length, gzip_bytes, limit_bytes, ok: parts.length > 0 && gzip_bytes <= limit_bytes }
})

console.table(rows)
process.exitCode = rows.every((row) => row.ok) ? 0 : 1
