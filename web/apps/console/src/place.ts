import { Store } from '@wecc/realtime'

/** Where in the window one is; kept in the address, so a reload and the back button find it again. */
export type Place =
  | { readonly name: 'desk'; readonly conversationId: string | null }
  | { readonly name: 'canned' }
  | { readonly name: 'agents' }
  | { readonly name: 'floor'; readonly view: FloorPlaceView | null }
  | { readonly name: 'routing'; readonly section: string | null; readonly item: string | null }
  | { readonly name: 'knowledge'; readonly section: string | null; readonly item: string | null }
  | { readonly name: 'flows'; readonly code: string | null; readonly view: string | null }

/** What of the floor is looked at closely; `wall`: the whole of it, from afar. */
export type FloorPlaceView =
  { readonly kind: 'wall' } | { readonly kind: 'tier' | 'group'; readonly code: string }

class PlaceStore extends Store<Place> {
  constructor() {
    super(parse(location.hash))
    addEventListener('hashchange', () => {
      const next = parse(location.hash)
      if (this.#mayLeave?.(next) === false) history.replaceState(null, '', hashOf(this.getSnapshot()))
      else this.set(next)
    })
  }
  #mayLeave: ((next: Place) => boolean) | null = null

  /** Asks `mayLeave` before one goes elsewhere, until the returned function is called. */
  guard(mayLeave: (next: Place) => boolean): () => void {
    this.#mayLeave = mayLeave
    return () => {
      if (this.#mayLeave === mayLeave) this.#mayLeave = null
    }
  }

  go(place: Place): void {
    const hash = hashOf(place)
    if (location.hash !== hash) location.hash = hash
  }
}

export function hashOf(place: Place): string {
  switch (place.name) {
    case 'desk':
      return place.conversationId ? `#/c/${place.conversationId}` : '#/'
    case 'floor':
      if (!place.view) return '#/floor'
      return place.view.kind === 'wall' ? '#/floor/wall' : `#/floor/${place.view.kind}/${place.view.code}`
    case 'routing':
    case 'knowledge':
      return [`#/${place.name}`, place.section, place.section && place.item].filter(Boolean).join('/')
    case 'flows':
      return ['#/flows', place.code, place.code && place.view].filter(Boolean).join('/')
    default:
      return `#/${place.name}`
  }
}

export function parse(hash: string): Place {
  const conversation = /^#\/c\/([a-z0-9][a-z0-9_-]{0,63})$/.exec(hash)
  if (conversation) return { name: 'desk', conversationId: conversation[1]! }
  if (hash === '#/floor') return { name: 'floor', view: null }
  if (hash === '#/floor/wall') return { name: 'floor', view: { kind: 'wall' } }
  const floor = /^#\/floor\/(tier|group)\/([a-z0-9][a-z0-9_-]{0,63})$/.exec(hash)
  if (floor) return { name: 'floor', view: { kind: floor[1] as 'tier' | 'group', code: floor[2]! } }
  const part = /^#\/(routing|knowledge)(?:\/([a-z]+)(?:\/([a-z0-9][a-z0-9_-]{0,63}))?)?$/.exec(hash)
  if (part) {
    const name = part[1] as 'routing' | 'knowledge'
    return { name, section: part[2] ?? null, item: part[3] ?? null }
  }
  const flow = /^#\/flows(?:\/([a-z0-9_]{1,64})(?:\/([a-z]+))?)?$/.exec(hash)
  if (flow) return { name: 'flows', code: flow[1] ?? null, view: flow[2] ?? null }
  if (hash === '#/canned' || hash === '#/agents') return { name: hash.slice(2) as 'canned' | 'agents' }
  return { name: 'desk', conversationId: null }
}

export const place = new PlaceStore()

export const showConversation = (conversationId: string | null): void =>
  place.go({ name: 'desk', conversationId })
