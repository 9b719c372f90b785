// The lock names packages, versions and hashes; leaves out what npm adds about people and addresses.
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))

for (const entry of Object.values(lock.packages)) {
  delete entry.funding
  delete entry.deprecated
}
writeFileSync(path, JSON.stringify(lock, null, 2) + '\n')
