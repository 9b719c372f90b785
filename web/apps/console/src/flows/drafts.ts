import { Store } from '@wecc/realtime'

/** An edited flow that is not saved. `baseVersion` is what was edited, 0 for a new flow. */
export interface Draft {
  readonly baseVersion: number
  readonly source: string
  readonly comment: string
}

/** Unsaved flows of one agent by their codes, over reloads and restarts of the browser. */
export class Drafts extends Store<ReadonlyMap<string, Draft>> {
  readonly #prefix: string
  readonly #storage: Storage

  constructor(agentId: string, storage: Storage = localStorage) {
    const prefix = `wecc:console:flow:${agentId}:`
    super(stored(prefix, storage))
    this.#prefix = prefix
    this.#storage = storage
  }

  put(code: string, draft: Draft | null): void {
    const drafts = new Map(this.getSnapshot())
    if (draft) drafts.set(code, draft)
    else drafts.delete(code)
    this.set(drafts)
    try {
      if (draft) this.#storage.setItem(this.#prefix + code, JSON.stringify(draft))
      else this.#storage.removeItem(this.#prefix + code)
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
    const { baseVersion, source, comment } = JSON.parse(text ?? '') as Draft
    const isOne = typeof baseVersion === 'number' && typeof source === 'string' && typeof comment === 'string'
    return isOne ? { baseVersion, source, comment } : null
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
