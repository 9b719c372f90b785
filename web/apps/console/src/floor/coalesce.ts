import type { Store } from '@wecc/realtime'
import { useEffect, useState } from 'react'

/** No figure on the floor is drawn anew more often. */
export const CALM_MS = 250

export interface Coalesced<T> {
  (value: T): void
  /** Forgets what waits to be handed on. */
  cancel(): void
}

/**
 * Hands on the newest of many values, at most once in `interval_ms`: the first of a burst at once, the last
 * in any case.
 */
export function coalesce<T>(take: (value: T) => void, interval_ms: number): Coalesced<T> {
  let waiting: { readonly value: T } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const handOn = () => {
    timer = undefined
    if (!waiting) return
    const { value } = waiting
    waiting = null
    timer = setTimeout(handOn, interval_ms)
    take(value)
  }
  const give = (value: T) => {
    waiting = { value }
    if (timer === undefined) handOn()
  }
  return Object.assign(give, {
    cancel: () => {
      clearTimeout(timer)
      timer = undefined
      waiting = null
    },
  })
}

/** The store's value, at most four times a second. */
export function useCalmly<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.getSnapshot())
  useEffect(() => {
    const told = coalesce<T>((newest) => setValue(() => newest), CALM_MS)
    const tell = () => told(store.getSnapshot())
    tell()
    const end = store.subscribe(tell)
    return () => {
      end()
      told.cancel()
    }
  }, [store])
  return value
}
