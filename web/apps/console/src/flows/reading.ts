import { http, WeccError } from '@wecc/realtime'
import { useCallback, useEffect, useState } from 'react'

/** No notices tell of others' work here, so the list is read again from time to time. */
const REFRESH_MS = 20_000

export interface Reading<T> {
  /** The newest that was read; stays while it is read again. */
  readonly value: T | null
  readonly error: WeccError | null
  readonly again: () => void
}

/** What an address answers; null reads nothing. */
export function useReading<T>(path: string | null): Reading<T> {
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
        setRead((was) => ({ path, value: was.path === path ? was.value : null, error }))
      },
    )
    return () => reading.abort()
  }, [path, asked])
  const again = useCallback(() => setAsked((count) => count + 1), [])
  const isMine = read.path === path
  return { value: isMine ? read.value : null, error: isMine ? read.error : null, again }
}

/** Calls `look` on coming back to the page and every now and then while it is seen. */
export function useLooks(look: () => void): void {
  useEffect(() => {
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
  }, [look])
}
