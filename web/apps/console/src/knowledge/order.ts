/** The list with one of it at another place. */
export function moved<T>(all: readonly T[], from: number, to: number): readonly T[] {
  const others = all.filter((_, at) => at !== from)
  return [...others.slice(0, to), all[from]!, ...others.slice(to)]
}
