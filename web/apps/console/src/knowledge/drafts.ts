import type { Content, FileView } from '@wecc/protocol'
import { newClientId, Store } from '@wecc/realtime'

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

/** Unsaved changes of one agent by article, over reloads and restarts of the browser. */
export class Drafts extends Store<ReadonlyMap<string, Draft>> {
  readonly #prefix: string
  readonly #storage: Storage

  constructor(agentId: string, storage: Storage = localStorage) {
    const prefix = `wecc:console:article:${agentId}:`
    super(stored(prefix, storage))
    this.#prefix = prefix
    this.#storage = storage
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
    this.#put(id, isBack ? null : { ...now, clientId, at_ms: Date.now() })
  }

  /** After `draft` was saved as `version`: what was typed meanwhile stays, as changes to that version. */
  saved(id: string, draft: Draft, version: number): void {
    const now = this.getSnapshot().get(id)
    this.#put(id, now === undefined || now === draft ? null : { ...now, baseVersion: version, comment: '' })
  }

  drop(id: string): void {
    this.#put(id, null)
  }

  #put(id: string, draft: Draft | null): void {
    const drafts = new Map(this.getSnapshot())
    if (draft) drafts.set(id, draft)
    else drafts.delete(id)
    this.set(drafts)
    try {
      if (draft) this.#storage.setItem(this.#prefix + id, JSON.stringify(draft))
      else this.#storage.removeItem(this.#prefix + id)
    } catch {
      // a full storage costs the reload's safety, not the draft on screen
    }
  }
}

function stored(prefix: string, storage: Storage): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft>()
  try {
    for (const key of Object.keys(storage).filter((one) => one.startsWith(prefix))) {
      const draft = readDraft(storage.getItem(key))
      if (draft) drafts.set(key.slice(prefix.length), draft)
    }
  } catch {
    // without storage there is nothing to go on with
  }
  return drafts
}

function readDraft(text: string | null): Draft | null {
  try {
    const draft = JSON.parse(text ?? '') as Draft
    return typeof draft.content.title === 'string' && typeof draft.baseVersion === 'number' ? draft : null
  } catch {
    return null
  }
}

const all = new Map<string, Drafts>()

export function draftsOf(agentId: string): Drafts {
  const drafts = all.get(agentId) ?? new Drafts(agentId)
  all.set(agentId, drafts)
  return drafts
}
