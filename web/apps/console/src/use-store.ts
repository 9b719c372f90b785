import type { Store } from '@wecc/realtime'
import { useSyncExternalStore } from 'react'

import { preferences, type Preferences } from './preferences'

/** The store's value, or the part of it that `select` picks; renders again only when that part is another. */
export function useStore<T>(store: Store<T>): T
export function useStore<T, P>(store: Store<T>, select: (value: T) => P): P
export function useStore<T, P>(store: Store<T>, select?: (value: T) => P): T | P {
  return useSyncExternalStore(store.subscribe, () => {
    const value = store.getSnapshot()
    return select ? select(value) : value
  })
}

export const usePreferences = (): Preferences => useStore(preferences)
