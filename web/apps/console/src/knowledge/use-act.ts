import { http, type HttpOptions, WeccError } from '@wecc/realtime'
import { useCallback, useState } from 'react'

import { acts } from '../acts'
import { nearFocus } from './near-focus'

const DESK = '/api/v1/kb/desk'
const SHOWN_MS = 60

/** The address of something of the desk; empty and missing values of the query are left out. */
export function at(path: string, query: Readonly<Record<string, string | number | null>> = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === null || value === '' ? [] : [[key, String(value)]],
  )
  return `${DESK}/${path}${given.length ? `?${new URLSearchParams(given).toString()}` : ''}`
}

/** Changes something at the desk. What is on screen is read again, also after a failure: it tells what holds. */
export async function send<T>(
  method: NonNullable<HttpOptions['method']>,
  path: string,
  body?: unknown,
): Promise<T> {
  try {
    return await http<T>(at(path), body === undefined ? { method } : { method, body })
  } finally {
    acts.happened()
  }
}

export interface Acting {
  readonly isBusy: boolean
  readonly error: WeccError | null
  /** Does it unless something is being done; true when it worked. */
  readonly act: (work: () => Promise<unknown>) => Promise<boolean>
  readonly clear: () => void
}

/** One thing at a time, with what went wrong. */
export function useAct(): Acting {
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<WeccError | null>(null)
  const act = useCallback(async (work: () => Promise<unknown>) => {
    const back = nearFocus()
    setIsBusy(true)
    setError(null)
    try {
      await work()
      return true
    } catch (thrown) {
      setError(WeccError.from(thrown))
      return false
    } finally {
      setIsBusy(false)
      // once what was done is on screen, and a dialog that closes has given the focus back
      setTimeout(back, SHOWN_MS)
    }
  }, [])
  return { isBusy, error, act, clear: useCallback(() => setError(null), []) }
}
