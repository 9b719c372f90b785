import { http, WeccError } from '@wecc/realtime'
import { useCallback, useEffect, useState } from 'react'

import { acts } from './acts'
import { useStore } from './use-store'

/** No notices tell of others' work here, so what is on screen is read again from time to time. */
const REFRESH_MS = 20_000

const HASTE_MS = 1_000

export interface Reading<T> {
  /** The newest that was read; stays while it is read again. */
  readonly value: T | null
  /** Of the newest try. */
  readonly error: WeccError | null
  readonly again: () => void
  /** Shows what an act has answered at once. */
  readonly put: (value: T) => void
}

export interface ReadingOptions {
  /** While another address is read, what the one before answered stays. */
  readonly isKept?: boolean
  /** Read only on demand and after own acts. */
  readonly isQuiet?: boolean
}

/** Reads again every second while something is under way. */
export function useHaste(reading: Pick<Reading<unknown>, 'again'>, isUnderWay: boolean): void {
  const { again } = reading
  useEffect(() => {
    if (!isUnderWay) return
    const timer = setInterval(again, HASTE_MS)
    return () => clearInterval(timer)
  }, [isUnderWay, again])
}

/** What an address answers: read at first, after own acts, on coming back, and every now and then while seen. */
export function useReading<T>(path: string | null, options: ReadingOptions = {}): Reading<T> {
  const { isKept = false, isQuiet = false } = options
  const done = useStore(acts)
  const [asked, setAsked] = useState(0)
  const [read, setRead] = useState<{ path: string | null; value: T | null; error: WeccError | null }>({
    path: null,
    value: null,
    error: null,
  })

  useEffect(() => {
    if (path === null) return
    const reading = new AbortController()
    http<T>(path, { signal: reading.signal }).then(
      (value) => setRead({ path, value, error: null }),
      (thrown) => {
        if (reading.signal.aborted) return
        const error = WeccError.from(thrown)
        setRead((was) => ({ path, value: was.path === path || isKept ? was.value : null, error }))
      },
    )
    return () => reading.abort()
  }, [path, done, asked, isKept])

  const again = useCallback(() => setAsked((count) => count + 1), [])
  useEffect(() => {
    if (path === null || isQuiet) return
    return whileSeen(again)
  }, [path, isQuiet, again])

  const put = useCallback((value: T) => setRead({ path, value, error: null }), [path])
  const isMine = read.path === path || (isKept && path !== null)
  return { value: isMine ? read.value : null, error: isMine ? read.error : null, again, put }
}

/** Calls `look` on coming back to the page and regularly while it is seen, until the returned function is called. */
export function whileSeen(look: () => void): () => void {
  const lookIfSeen = () => {
    if (!document.hidden) look()
  }
  const timer = setInterval(lookIfSeen, REFRESH_MS)
  addEventListener('focus', lookIfSeen)
  document.addEventListener('visibilitychange', lookIfSeen)
  return () => {
    clearInterval(timer)
    removeEventListener('focus', lookIfSeen)
    document.removeEventListener('visibilitychange', lookIfSeen)
  }
}
