import { useEffect, useRef, useState } from 'preact/hooks'

import { usePanel } from './panel-context'
import { useStore } from './use-store'
import { waitText } from './words'

/** Where a waiting visitor stands; he may stop waiting. */
export function Waiting() {
  const { session, t } = usePanel()
  const { conversation } = useStore(session)
  const [isAsking, setAsking] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const place = conversation?.place ?? null
  const { first, then } = waitText(t, place)

  const stop = () => {
    setBusy(true)
    void session
      .end()
      .catch(() => {})
      .finally(() => setBusy(false))
  }

  return (
    <section class="card" aria-live="polite">
      {isAsking ? (
        <>
          <p class="card-text">{t('waiting_cancel_ask')}</p>
          <div class="card-actions">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              {t('waiting_stay')}
            </button>
            <button type="button" class="button danger" disabled={isBusy} onClick={stop}>
              {t('waiting_cancel')}
            </button>
          </div>
        </>
      ) : (
        <div class="card-row">
          <span class={place && !place.wait_s ? 'pulse still' : 'pulse'} aria-hidden="true" />
          <p class="card-text">
            <strong>{first}</strong>
            {then && <span>{then}</span>}
          </p>
          <button type="button" class="link quiet" onClick={() => setAsking(true)}>
            {t('waiting_cancel')}
          </button>
        </div>
      )}
    </section>
  )
}

/** Asks once before a conversation is ended. */
export function Ending({ onDone }: { onDone: () => void }) {
  const { session, t } = usePanel()
  const [isBusy, setBusy] = useState(false)
  const stay = useRef<HTMLButtonElement>(null)
  useEffect(() => stay.current?.focus(), [])
  const end = () => {
    setBusy(true)
    void session
      .end()
      .catch(() => {})
      .finally(onDone)
  }
  return (
    <section
      class="card"
      role="alertdialog"
      aria-label={t('end')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      <p class="card-text">
        <strong>{t('end_ask')}</strong>
      </p>
      <div class="card-actions">
        <button type="button" class="button" ref={stay} onClick={onDone}>
          {t('end_stay')}
        </button>
        <button type="button" class="button danger" disabled={isBusy} onClick={end}>
          {t('end')}
        </button>
      </div>
    </section>
  )
}

export function Closed() {
  const { session, t } = usePanel()
  const [isBusy, setBusy] = useState(false)
  const download = () => {
    setBusy(true)
    void session
      .downloadTranscript()
      .catch(() => {})
      .finally(() => setBusy(false))
  }
  return (
    <section class="closed">
      <p>{t('closed_thanks')}</p>
      <button type="button" class="button primary" onClick={() => session.startAgain()}>
        {t('start_again')}
      </button>
      <button type="button" class="button" disabled={isBusy} onClick={download}>
        {t('transcript')}
      </button>
    </section>
  )
}
