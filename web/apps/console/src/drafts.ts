import { Store } from '@wecc/realtime'

/** What one agent has not saved, by the id of what it changes, over reloads and restarts of the browser. */
export class Drafts<Draft> extends Store<ReadonlyMap<string, Draft>> {
  readonly #prefix: string
  readonly #storage: Storage

  /** `isDraft` tells whether something stored, of an earlier release perhaps, is one; it may throw. */
  constructor(
    kind: string,
    agentId: string,
    isDraft: (stored: Draft) => boolean,
    storage: Storage = localStorage,
  ) {
    const prefix = `wecc:console:${kind}:${agentId}:`
    super(stored(prefix, storage, isDraft))
    this.#prefix = prefix
    this.#storage = storage
  }

  put(id: string, draft: Draft | null): void {
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

function stored<Draft>(
  prefix: string,
  storage: Storage,
  isDraft: (stored: Draft) => boolean,
): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft>()
  const keys = () => Object.keys(storage).filter((one) => one.startsWith(prefix))
  for (const key of quietly(keys) ?? [])
    quietly(() => {
      const draft = JSON.parse(storage.getItem(key) ?? '') as Draft
      if (isDraft(draft)) drafts.set(key.slice(prefix.length), draft)
    })
  return drafts
}

/** Without storage, and with what cannot be read in it, there is nothing to go on with. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** One for each agent who signs in here, made when it is first asked for. */
export function perAgent<T>(make: (agentId: string) => T): (agentId: string) => T {
  const all = new Map<string, T>()
  return (agentId) => {
    const one = all.get(agentId) ?? make(agentId)
    all.set(agentId, one)
    return one
  }
}
