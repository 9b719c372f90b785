import type { CannedReply, Locale } from '@wecc/protocol'

/** What follows a `/` at the start or after a space, up to the cursor; null when no canned reply is asked for. */
export function cannedFilter(
  text: string,
  cursor: number,
): { readonly start: number; readonly filter: string } | null {
  const found = /(?:^|\s)\/([^\s/]{0,32})$/.exec(text.slice(0, cursor))
  return found ? { start: cursor - found[1]!.length - 1, filter: found[1]! } : null
}

/** Those that match, the visitor's language first, then by how early in the shortcut they match. */
export function matching(
  replies: readonly CannedReply[],
  filter: string,
  locale: Locale,
): readonly CannedReply[] {
  const wanted = filter.toLowerCase()
  const rank = ({ shortcut, title, text }: CannedReply): number => {
    const at = shortcut.toLowerCase().indexOf(wanted)
    if (at >= 0) return at === 0 ? 0 : 1
    return title.toLowerCase().includes(wanted) ? 2 : text.toLowerCase().includes(wanted) ? 3 : -1
  }
  return replies
    .map((reply) => ({ reply, rank: rank(reply) }))
    .filter((one) => one.rank >= 0)
    .sort(
      (a, b) =>
        Number(a.reply.locale !== locale) - Number(b.reply.locale !== locale) ||
        a.rank - b.rank ||
        a.reply.shortcut.localeCompare(b.reply.shortcut),
    )
    .map((one) => one.reply)
}

export const filled = (text: string, names: { readonly visitor: string; readonly agent: string }): string =>
  text.replace(/\{(visitor|agent)\}/g, (_, who: 'visitor' | 'agent') => names[who])
