import type { KnowledgeTexts } from './texts'
import type { Editing } from './use-editing'

/** What keeps the article from being saved, in words; null when nothing does. */
export function flawOf({ edited }: Pick<Editing, 'edited'>, words: KnowledgeTexts['editor']): string | null {
  const { content, categoryId } = edited
  const { audience, valid_from_ms, valid_until_ms } = content
  if (!content.title.trim()) return words.needsTitle
  if (!categoryId) return words.needsCategory
  if (audience.kind === 'tiers' && audience.codes.length === 0) return words.noTiers
  if (valid_from_ms !== null && valid_until_ms !== null && valid_until_ms <= valid_from_ms)
    return words.validOrder
  return null
}
