import { Store } from '@wecc/realtime'

/** Where in the window one is; kept in the address, so a reload and the back button find it again. */
export type Place =
  | { readonly name: 'desk'; readonly conversationId: string | null }
  | { readonly name: 'canned' }
  | { readonly name: 'agents' }

class PlaceStore extends Store<Place> {
  constructor() {
    super(parse(location.hash))
    addEventListener('hashchange', () => this.set(parse(location.hash)))
  }

  go(place: Place): void {
    const hash =
      place.name !== 'desk' ? `#/${place.name}` : place.conversationId ? `#/c/${place.conversationId}` : '#/'
    if (location.hash !== hash) location.hash = hash
  }
}

export function parse(hash: string): Place {
  const conversation = /^#\/c\/([a-z0-9][a-z0-9_-]{0,63})$/.exec(hash)
  if (conversation) return { name: 'desk', conversationId: conversation[1]! }
  if (hash === '#/canned' || hash === '#/agents') return { name: hash.slice(2) as 'canned' | 'agents' }
  return { name: 'desk', conversationId: null }
}

export const place = new PlaceStore()

export const showConversation = (conversationId: string | null): void =>
  place.go({ name: 'desk', conversationId })
