import type { Floor, FloorHistory } from '@wecc/protocol'
import { useEffect, useState } from 'react'

import { useNow } from '../controls/age'
import { useWorkplace } from '../desk/context'
import { coalesce } from './coalesce'
import { useIsLive } from './context'
import { continued, type Span } from './history'

/** Lines are drawn on no more often. */
const DRAWN_EVERY_MS = 1_000

export interface HistoryView {
  readonly history: FloorHistory | null
  readonly error: unknown
}

/** What the figures were in the last `span` minutes, going on as they change; read anew in each round. */
export function useHistory(floor: Floor, span: Span, round: number): HistoryView {
  const { line } = useWorkplace()
  const [view, setView] = useState<HistoryView>({ history: null, error: null })

  useEffect(() => {
    let isWanted = true
    line.request('floor:read_history', { minutes: span }).then(
      (history) => isWanted && setView({ history, error: null }),
      (error: unknown) => isWanted && setView((was) => ({ ...was, error })),
    )
    return () => void (isWanted = false)
  }, [line, span, round])

  // A floor on which nothing changes sends nothing, yet its time goes on.
  const isLive = useIsLive()
  const now_ms = useNow()
  const [goOn] = useState(() =>
    coalesce<{ readonly floor: Floor; readonly span: Span }>(
      (now) =>
        setView(({ history, ...was }) => ({
          ...was,
          history: history && continued(history, now.floor, now.span),
        })),
      DRAWN_EVERY_MS,
    ),
  )
  useEffect(() => goOn.cancel, [goOn])
  useEffect(() => {
    if (isLive) goOn({ floor: { ...floor, at_ms: Math.max(floor.at_ms, now_ms) }, span })
  }, [goOn, floor, span, isLive, now_ms])
  return view
}
