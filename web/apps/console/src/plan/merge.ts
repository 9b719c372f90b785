import { partNames, partsOf } from './changes'
import { type Fields, inOrder, type Leaf, patched, type Patch } from './fields'

/** Both changed the same, differently: a value, or a whole part that one removed and the other changed. */
export interface Conflict {
  readonly path: string
  /** A part's value is whether it is there. */
  readonly mine: Leaf | undefined
  readonly theirs: Leaf | undefined
  /** What makes the merged plan mine here. */
  readonly toMine: Patch
}

export interface Merged {
  /** Both sides' changes; theirs where they conflict. */
  readonly fields: Fields
  readonly conflicts: readonly Conflict[]
}

/** Three-way by field: what only one side changed is that side's. Memberships go with their group. */
export function merge(base: Fields, mine: Fields, theirs: Fields): Merged {
  const fields = new Map<string, Leaf>()
  const conflicts = new Map<
    string,
    { mine: Leaf | undefined; theirs: Leaf | undefined; toMine: Map<string, Leaf | undefined> }
  >()
  const fought = foughtParts(base, mine, theirs)
  for (const path of new Set([...theirs.keys(), ...mine.keys(), ...base.keys()])) {
    const [was, my, their] = [base.get(path), mine.get(path), theirs.get(path)]
    const part = partNames(path).find((one) => fought.has(one))
    const isBoths = part ? my !== their : my !== was && their !== was && my !== their
    const taken = !part && their === was ? my : their
    if (taken !== undefined) fields.set(path, taken)
    if (!isBoths) continue
    const key = part ?? path
    const sides = part ? fought.get(part)! : { mine: my, theirs: their }
    const conflict = conflicts.get(key) ?? { ...sides, toMine: new Map() }
    conflicts.set(key, conflict)
    conflict.toMine.set(path, my)
  }
  return {
    fields: withoutOrphans(inOrder(fields, theirs)),
    conflicts: [...conflicts].map(([path, conflict]) => ({ path, ...conflict })),
  }
}

/** The merged plan with one's own side of the chosen conflicts. */
export function settled(merged: Merged, minePaths: ReadonlySet<string>): Fields {
  const patch = new Map(
    merged.conflicts.filter(({ path }) => minePaths.has(path)).flatMap(({ toMine }) => [...toMine]),
  )
  return withoutOrphans(patched(merged.fields, patch, merged.fields))
}

/** Parts that one side removed while the other changed something in them; who still has them. */
function foughtParts(
  base: Fields,
  mine: Fields,
  theirs: Fields,
): ReadonlyMap<string, { readonly mine: boolean; readonly theirs: boolean }> {
  const [myParts, theirParts] = [partsOf(mine), partsOf(theirs)]
  const changedParts = (side: Fields) =>
    new Set(
      [...new Set([...side.keys(), ...base.keys()])]
        .filter((path) => side.get(path) !== base.get(path))
        .flatMap(partNames),
    )
  const [myChanged, theirChanged] = [changedParts(mine), changedParts(theirs)]
  return new Map(
    [...partsOf(base)]
      .map((part) => [part, { mine: myParts.has(part), theirs: theirParts.has(part) }] as const)
      .filter(([part, has]) => has.mine !== has.theirs && (has.mine ? myChanged : theirChanged).has(part)),
  )
}

function withoutOrphans(fields: Fields): Fields {
  const parts = partsOf(fields)
  return new Map(
    [...fields].filter(
      ([path]) => !path.startsWith('members.') || partNames(path).every((one) => parts.has(one)),
    ),
  )
}
