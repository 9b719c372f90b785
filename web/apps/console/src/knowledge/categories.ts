import type { CategoryNode } from '@wecc/protocol'

export interface CategoryBranch extends CategoryNode {
  readonly children: readonly CategoryBranch[]
}

/** The flat list as a tree; what hangs on nothing known is at the top. */
export function treeOf(categories: readonly CategoryNode[]): readonly CategoryBranch[] {
  const ids = new Set(categories.map((one) => one.id))
  const below = new Map<string, CategoryNode[]>()
  for (const one of categories) {
    const parent = ids.has(one.parent_id) ? one.parent_id : ''
    const siblings = below.get(parent) ?? []
    siblings.push(one)
    below.set(parent, siblings)
  }
  const branch = (one: CategoryNode): CategoryBranch => ({
    ...one,
    children: (below.get(one.id) ?? []).map(branch),
  })
  return (below.get('') ?? []).map(branch)
}

/** The category and what is above it, from the top. */
export function pathOf(categories: readonly CategoryNode[], id: string): readonly CategoryNode[] {
  const byId = new Map(categories.map((one) => [one.id, one]))
  const path: CategoryNode[] = []
  for (let one = byId.get(id); one && !path.includes(one); one = byId.get(one.parent_id)) path.unshift(one)
  return path
}

/** Whether `id` is `root` or lies below it: there it may not be moved. */
export const isWithin = (categories: readonly CategoryNode[], id: string, root: string): boolean =>
  pathOf(categories, id).some((one) => one.id === root)

export interface Move {
  readonly parent_id: string
  readonly position: number
}

/**
 * Where a category goes that is dropped on, before or after another one; null where it cannot go. The position is
 * counted among the new siblings without the category itself.
 */
export function moveOf(
  categories: readonly CategoryNode[],
  id: string,
  target: string,
  where: 'before' | 'after' | 'on',
): Move | null {
  const over = categories.find((one) => one.id === target)
  if (!over || isWithin(categories, target, id)) return null
  const parent_id = where === 'on' ? over.id : over.parent_id
  const siblings = categories.filter((one) => one.parent_id === parent_id && one.id !== id)
  if (where === 'on') return { parent_id, position: siblings.length }
  const at = siblings.findIndex((one) => one.id === target)
  return { parent_id, position: where === 'before' ? at : at + 1 }
}
