import type { ConversationSummary } from '@wecc/protocol'
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button as AriaButton, Input, SearchField } from 'react-aria-components'

import { Button } from '../controls/button'
import { useWorkplace } from '../desk/context'
import { keysOf, useCommand } from '../desk/shortcuts'
import { useTexts } from '../texts'
import { Rows } from './rows'

const PAGE = 30
const PAUSE_MS = 250

export interface SearchBoxProps {
  readonly query: string
  readonly onQuery: (query: string) => void
}

export function SearchBox({ query, onQuery }: SearchBoxProps) {
  const { list } = useTexts()
  const input = useRef<HTMLInputElement>(null)
  useCommand('search', () => input.current?.select())
  return (
    <SearchField className="search" aria-label={list.searchLabel} value={query} onChange={onQuery}>
      <Search size={14} aria-hidden />
      <Input ref={input} className="input" placeholder={list.search} maxLength={300} />
      {query ? (
        <AriaButton className="icon-button" aria-label={list.clear}>
          <X size={14} aria-hidden />
        </AriaButton>
      ) : (
        <kbd className="only-wide">{keysOf('search')}</kbd>
      )}
    </SearchField>
  )
}

interface Found {
  readonly rows: readonly ConversationSummary[]
  readonly hasMore: boolean
}

export interface SearchResultsProps {
  readonly query: string
  readonly openId: string | null
}

/** Open and closed conversations that match; each list reads on by itself. */
export function SearchResults({ query, openId }: SearchResultsProps) {
  const { list, retry } = useTexts()
  const open = useFound('open', query)
  const closed = useFound('closed', query)
  const scopes = [
    { title: list.open, ...open },
    { title: list.closed, ...closed },
  ]
  const isNothing = open.found?.rows.length === 0 && closed.found?.rows.length === 0
  return (
    <div className="list-scroll">
      {isNothing && <p className="list-empty">{list.nothingFound(query)}</p>}
      {scopes.map(
        ({ title, found, isFailed, readOn }) =>
          (isFailed || (found && found.rows.length > 0)) && (
            <section key={title} className="found">
              <h3>{title}</h3>
              {found && <Rows rows={found.rows} openId={openId} label={title} tab="search" />}
              {isFailed && <p className="list-empty">{list.searchFailed}</p>}
              {(isFailed || found?.hasMore) && (
                <Button look="quiet" onPress={readOn}>
                  {isFailed ? retry : list.more}
                </Button>
              )}
            </section>
          ),
      )}
    </div>
  )
}

function useFound(scope: 'open' | 'closed', query: string) {
  const workplace = useWorkplace()
  const [found, setFound] = useState<Found | null>(null)
  const [isFailed, setIsFailed] = useState(false)
  const asked = useRef('')

  const read = async (known: Found | null) => {
    const last = known?.rows.at(-1)
    const before_ms = last?.changed_ms ?? null
    try {
      const answer = await workplace.list({ scope, query, limit: PAGE, before_ms })
      if (asked.current !== query) return
      const rows = new Map([...(known?.rows ?? []), ...answer.conversations].map((one) => [one.id, one]))
      setFound({ rows: [...rows.values()], hasMore: answer.has_more })
      setIsFailed(false)
    } catch {
      if (asked.current === query) setIsFailed(true)
    }
  }

  useEffect(() => {
    asked.current = query
    const timer = setTimeout(() => void read(null), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [query])

  return { found, isFailed, readOn: () => void read(found) }
}
