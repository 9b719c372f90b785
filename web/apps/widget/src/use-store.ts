import type { Store } from '@wecc/realtime'
import { useEffect, useLayoutEffect, useReducer } from 'preact/hooks'

/** The store's value, anew after every change. */
export function useStore<T>(store: Pick<Store<T>, 'subscribe' | 'getSnapshot'>): T {
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0)
  const value = store.getSnapshot()
  useLayoutEffect(() => {
    if (store.getSnapshot() !== value) redraw()
    return store.subscribe(() => redraw())
  }, [store])
  return value
}

/** The time, anew every second while `isRunning`. */
export function useNow(isRunning: boolean): number {
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => redraw(), 1_000)
    return () => clearInterval(timer)
  }, [isRunning])
  return Date.now()
}
