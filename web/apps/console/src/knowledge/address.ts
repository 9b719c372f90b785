import { place } from '../place'

/** The sections of the knowledge desk, as the address names them. */
export const sections = ['articles', 'hot', 'targets', 'words', 'import', 'learning', 'log', 'staff'] as const

export type SectionName = (typeof sections)[number]

/** Goes to a section of the knowledge desk, or to one item of it. */
export const showPart = (section: SectionName | null, item: string | null = null): void =>
  place.go({ name: 'knowledge', section, item })

/** An article that is being written for the first time. */
export const NEW = 'new'

export const showArticle = (id: string | null): void => showPart('articles', id)
