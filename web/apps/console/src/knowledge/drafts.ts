import type { Content, FileView } from '@wecc/protocol'
import { newClientId } from '@wecc/realtime'

import { Drafts, perAgent } from '../drafts'

/** Changes to an article that are not saved. `baseVersion` is what was edited, 0 for a new article. */
export interface Draft {
  readonly baseVersion: number
  readonly categoryId: string
  readonly content: Content
  readonly files: readonly FileView[]
  readonly comment: string
  /** Makes a repeated first save harmless. */
  readonly clientId: string
  readonly at_ms: number
}

/** What is being edited, saved or not. */
export type Edited = Pick<Draft, 'baseVersion' | 'categoryId' | 'content' | 'files' | 'comment'>

export const emptyContent = (lang: string): Content => ({
  title: '',
  alternatives: [],
  body: '',
  lang,
  audience: { kind: 'public', codes: [] },
  valid_from_ms: null,
  valid_until_ms: null,
  file_ids: [],
})

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const isDraft = ({ content, baseVersion }: Draft): boolean =>
  typeof content.title === 'string' && typeof baseVersion === 'number'

/** Unsaved changes of one agent, by article. */
export class ArticleDrafts extends Drafts<Draft> {
  constructor(agentId: string) {
    super('article', agentId, isDraft)
  }

  /** Changes what is edited, starting from `saved`. Who is back at what is saved has no draft any more. */
  change(id: string, saved: Edited, change: Partial<Edited>): void {
    const was = this.getSnapshot().get(id)
    const now = { ...saved, ...was, ...change }
    const isBack =
      now.baseVersion === saved.baseVersion &&
      isSame(now.content, saved.content) &&
      now.categoryId === saved.categoryId &&
      now.comment === saved.comment
    const clientId = was?.clientId ?? newClientId()
    this.put(id, isBack ? null : { ...now, clientId, at_ms: Date.now() })
  }

  /** After `draft` was saved as `version`: what was typed meanwhile stays, as changes to that version. */
  saved(id: string, draft: Draft, version: number): void {
    const now = this.getSnapshot().get(id)
    this.put(id, now === undefined || now === draft ? null : { ...now, baseVersion: version, comment: '' })
  }

  drop(id: string): void {
    this.put(id, null)
  }
}

export const draftsOf = perAgent((agentId) => new ArticleDrafts(agentId))
