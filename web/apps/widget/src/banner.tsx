import { useEffect, useMemo, useState } from 'preact/hooks'

import { Icon } from './icons'
import { usePanel } from './panel-context'
import { useNow, useStore } from './use-store'
import { lostFor } from './words'

/** A short loss is nobody's business. */
const GRACE_MS = 2_000

/** The truth about the connection, whenever it is not simply good. */
export function Banner() {
  const { session, t } = usePanel()
  const state = useStore(session.connection)
  const { faceError, face } = useStore(session)
  const lostSince_ms = 'since_ms' in state ? state.since_ms : null
  const isWaiting = state.kind === 'connecting' || state.kind === 'reconnecting'
  const now_ms = useNow(isWaiting || state.kind === 'offline')
  const [isBack, setBack] = useState(false)
  const [wasShown, setWasShown] = useState(false)

  const isTrying = state.kind === 'offline' ? state.next_attempt_ms !== null || session.isKnown : isWaiting
  const trying_ms = useMemo(Date.now, [isTrying])
  const isShown = isTrying && now_ms - (lostSince_ms ?? trying_ms) > GRACE_MS

  useEffect(() => {
    if (isShown) setWasShown(lostSince_ms !== null) // the first connection is nothing that comes back
    else if (wasShown && state.kind === 'online') {
      setWasShown(false)
      setBack(true)
    }
  }, [isShown, state.kind])
  useEffect(() => {
    if (!isBack) return
    const timer = setTimeout(() => setBack(false), 2_500)
    return () => clearTimeout(timer)
  }, [isBack])

  if (faceError && !face)
    return (
      <div class="banner bad" role="status">
        <Icon shape="alert" />
        <span>{t('face_failed')}</span>
        <button type="button" class="link" onClick={() => void session.loadFace()}>
          {t('face_retry')}
        </button>
      </div>
    )
  if (isShown)
    return (
      <div class="banner" role="status">
        <Icon shape="plug" />
        <span>
          {state.kind === 'offline'
            ? t('offline')
            : lostSince_ms === null
              ? t('connecting')
              : lostFor(t, lostSince_ms, now_ms)}
          <small>{t('kept')}</small>
        </span>
      </div>
    )
  if (isBack)
    return (
      <div class="banner good" role="status">
        <Icon shape="check" />
        <span>{t('back_online')}</span>
      </div>
    )
  return null
}
