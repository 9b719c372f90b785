import type { ConnectionState } from '@wecc/realtime'
import { duration } from '@wecc/ui'
import { useCallback, useSyncExternalStore } from 'react'
import { Focusable } from 'react-aria-components'

import { Hint } from '../controls/button'
import { useNow } from '../controls/age'
import { useWorkplace } from '../desk/context'
import { type Texts, useTexts } from '../texts'
import { useStore } from '../use-store'

/** Whether what is on screen is true now; and when not, since when, and what was kept. */
export function LineState() {
  const texts = useTexts()
  const workplace = useWorkplace()
  const state = useStore<ConnectionState>(workplace.line)
  useNow()
  const unsent = useUnsentCount()
  const isLost = state.kind === 'reconnecting' || state.kind === 'offline'
  return (
    <Hint text={isLost ? texts.bar.kept(unsent) : texts.bar.onlineHint}>
      <Focusable>
        <span className="line-state" data-kind={state.kind} role="status">
          <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden>
            <path d="M1 9h2v3H1zM4.5 6h2v6h-2zM8 3h2v9H8zM11.5 0h2v12h-2z" />
            {isLost && <path className="line-state-cut" d="M0 12L14 0" />}
          </svg>
          {lineText(state, texts)}
        </span>
      </Focusable>
    </Hint>
  )
}

function lineText(state: ConnectionState, { bar }: Texts): string {
  switch (state.kind) {
    case 'online':
      return bar.online
    case 'reconnecting':
      return bar.reconnecting(duration(Date.now() - state.since_ms))
    case 'offline':
      return bar.offlineLink(duration(Date.now() - state.since_ms))
    default:
      return bar.connecting
  }
}

/** How many messages and notes wait for the line, over all threads. */
function useUnsentCount(): number {
  const threads = useStore(useWorkplace().threads)
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [...threads.values()].map((thread) => thread.outbox.subscribe(listener))
      return () => ends.forEach((end) => end())
    },
    [threads],
  )
  return useSyncExternalStore(subscribe, () =>
    [...threads.values()].reduce(
      (sum, { outbox }) => sum + outbox.getSnapshot().filter((item) => item.state !== 'sent').length,
      0,
    ),
  )
}
