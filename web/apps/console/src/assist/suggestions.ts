import type { LogEvent, SearchResults } from '@wecc/protocol'
import { http, WeccError } from '@wecc/realtime'
import { useEffect, useState } from 'react'

const PAUSE_MS = 350
const MAX_WORDS = 200

/** The customer's newest words: what he wrote since somebody answered him last, or his last question before, which
    the bare wish for a person does not replace. */
export function newestWords(events: readonly LogEvent[]): string {
  const said: string[] = []
  for (const event of events) {
    if (event.kind === 'message') {
      if (event.sender.kind === 'agent') said.length = 0
      else if (event.body.text) said.push(event.body.text)
    } else if (event.kind === 'handed_over') {
      const last = event.body.questions.at(-1)
      if (last && (said.length === 0 || event.body.cause === 'wish')) said.splice(0, said.length, last.text)
    }
  }
  return said.slice(-3).join('\n').slice(-MAX_WORDS).trim()
}

export interface Found {
  readonly words: string
  readonly results: SearchResults | null
  readonly error: WeccError | null
}

/** What the knowledge base has for these words; what was found before stays until then. */
export function useFound(words: string, limit: number): Found & { readonly again: () => void } {
  const [found, setFound] = useState<Found>({ words: '', results: null, error: null })
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    if (!words) {
      setFound({ words: '', results: null, error: null })
      return
    }
    const searching = new AbortController()
    const timer = setTimeout(() => {
      const query = new URLSearchParams({ q: words, limit: String(limit), place: 'console' })
      http<SearchResults>(`/api/v1/kb/search?${query}`, { signal: searching.signal }).then(
        (results) => setFound({ words, results, error: null }),
        (thrown) => {
          if (!searching.signal.aborted)
            setFound((was) => ({ ...was, words, error: WeccError.from(thrown) }))
        },
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      searching.abort()
    }
  }, [words, limit, asked])
  return { ...found, again: () => setAsked((count) => count + 1) }
}
