import type { Fields, Leaf, Patch } from './fields'

/**
 * One difference a person would name. `set`: a value is another one, at all of `paths` alike. `added`,
 * `removed`: a whole part (`path`) came or went, with all of `paths`.
 */
export interface Change {
  readonly kind: 'set' | 'added' | 'removed'
  readonly path: string
  readonly paths: readonly string[]
  readonly from: Leaf | undefined
  readonly to: Leaf | undefined
}

// Parts that come and go whole, the larger first.
const parts = [
  /^(?:tiers|groups|hours)\.[^.]+/,
  /^tiers\.[^.]+\.targets\.[^.]+/,
  /^groups\.[^.]+\.overflow/,
  /^hours\.[^.]+\.holidays\.[^.]+/,
]

/** What `draft` does differently, in the order of the plan. */
export function changesBetween(base: Fields, draft: Fields): Change[] {
  const paths = [...new Set([...base.keys(), ...draft.keys()])].filter(
    (path) => base.get(path) !== draft.get(path) || base.has(path) !== draft.has(path),
  )
  if (paths.length === 0) return []
  const [baseParts, draftParts] = [partsOf(base), partsOf(draft)]
  const changes = new Map<string, Change & { readonly paths: string[] }>()
  for (const path of paths) {
    const part = partNames(path).find((one) => baseParts.has(one) !== draftParts.has(one))
    const [from, to] = [base.get(path), draft.get(path)]
    const key = part ?? membershipKey(path, from, to) ?? path
    const known = changes.get(key)
    if (known) known.paths.push(path)
    else if (part)
      changes.set(key, {
        kind: draftParts.has(part) ? 'added' : 'removed',
        path: part,
        paths: [path],
        from: undefined,
        to: undefined,
      })
    else changes.set(key, { kind: 'set', path, paths: [path], from, to })
  }
  return [...changes.values()]
}

/** The patch that takes a change back. */
export const undoing = (change: Change, base: Fields): Patch =>
  new Map(change.paths.map((path) => [path, base.get(path)]))

/** The patch that makes `from` into `to`. */
export function patchBetween(from: Fields, to: Fields): Patch {
  const patch = new Map<string, Leaf | undefined>()
  for (const path of new Set([...from.keys(), ...to.keys()]))
    if (from.get(path) !== to.get(path) || from.has(path) !== to.has(path)) patch.set(path, to.get(path))
  return patch
}

/** The names of the parts a path belongs to, the larger first. Memberships come and go with their group. */
export function partNames(path: string): string[] {
  const group = /^members\.[^.]+\.(groups\.[^.]+)$/.exec(path)?.[1]
  return group ? [group] : parts.flatMap((pattern) => pattern.exec(path)?.[0] ?? [])
}

export const partsOf = (fields: Fields): ReadonlySet<string> =>
  new Set([...fields.keys()].filter((path) => !path.startsWith('members.')).flatMap(partNames))

/** Agents put into the same group at the same level are one change; so are equal changes of capacity. */
function membershipKey(path: string, from: Leaf | undefined, to: Leaf | undefined): string | null {
  const membership = /^members\.[^.]+\.(groups\.[^.]+|capacity)$/.exec(path)
  return membership && `members.*.${membership[1]} ${from} ${to}`
}
