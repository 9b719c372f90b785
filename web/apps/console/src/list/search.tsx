import type { ConversationSummary, ListPlace } from '@wecc/protocol'
import { dayName } from '@wecc/ui'
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button as AriaButton, Input, SearchField } from 'react-aria-components'

import { Button } from '../controls/button'
import { useWorkplace } from '../desk/context'
import { keysOf, useCommand } from '../desk/shortcuts'
import { useLocale, useTexts } from '../texts'
import { Rows } from './rows'
import { Skeleton } from './skeleton'

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
  readonly readOn: ListPlace | null
}

export interface SearchResultsProps {
  readonly query: string
  readonly openId: string | null
}

/** Open and closed conversations that match; each list reads on by itself. */
export function SearchResults({ query, openId }: SearchResultsProps) {
  const { list, retry } = useTexts()
  const locale = useLocale()
  const open = useFound('open', query)
  const closed = useFound('closed', query)
  const scopes = [
    { title: list.open, ...open },
    { title: list.closed, ...closed },
  ]
  const isReading = scopes.every(({ found, isFailed }) => !found && !isFailed)
  const isNothing = scopes.every(({ found }) => found && found.rows.length === 0 && !found.readOn)
  return (
    <div className="list-scroll" aria-busy={isReading}>
      {isReading && <Skeleton />}
      {isNothing && <p className="list-empty">{list.nothingFound(query)}</p>}
      {scopes.map(
        ({ title, found, isFailed, readOn }) =>
          (isFailed || (found && (found.rows.length > 0 || found.readOn))) && (
            <section key={title} className="found">
              <h3>{title}</h3>
              {found && <Rows rows={found.rows} openId={openId} label={title} tab="search" />}
              {isFailed ? (
                <p className="list-empty">{list.searchFailed}</p>
              ) : (
                found?.readOn && (
                  <p className="found-until">
                    {(found.rows.length ? list.foundSince : list.noneSince)(
                      dayName(found.readOn.changed_ms, locale),
                    )}
                  </p>
                )
              )}
              {(isFailed || found?.readOn) && (
                <Button look="quiet" onPress={readOn}>
                  {isFailed ? retry : list.earlier}
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
    const after = known?.readOn ?? null
    try {
      const answer = await workplace.list({ scope, query, limit: PAGE, after })
      if (asked.current !== query) return
      const rows = new Map([...(known?.rows ?? []), ...answer.conversations].map((one) => [one.id, one]))
      setFound({ rows: [...rows.values()], readOn: answer.read_on })
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
