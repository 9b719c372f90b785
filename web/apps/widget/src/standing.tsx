import { useEffect, useRef, useState } from 'preact/hooks'

import { isLongWait } from './conversation'
import { usePanel } from './panel-context'
import { useNow, useStore } from './use-store'
import { awayText, errorText, waitText, type Word } from './words'

/** What is asked back before it is done. */
export type Ask = 'end' | 'stop' | 'leave' | 'withdraw'

const asks: Readonly<Record<Ask, { readonly ask: Word; readonly stay: Word; readonly go: Word }>> = {
  end: { ask: 'end_ask', stay: 'end_stay', go: 'end' },
  stop: { ask: 'waiting_cancel_ask', stay: 'waiting_stay', go: 'waiting_cancel' },
  leave: { ask: 'leave_ask', stay: 'waiting_stay', go: 'leave_go' },
  withdraw: { ask: 'withdraw_ask', stay: 'withdraw_stay', go: 'end' },
}

interface Props {
  readonly asking: Ask | null
  readonly onAsk: (ask: Ask | null) => void
}

/** Where a waiting visitor stands, or what holds while nobody can chat; he may stop, or leave a message. */
export function Standing({ asking, onAsk }: Props) {
  const { session, t, locale, later } = usePanel()
  const { conversation } = useStore(session)
  const leaving = useStore(session.leaving).at(-1)
  const isOnline = useStore(session.connection).kind === 'online'
  const place = conversation?.place ?? null
  const away = conversation?.away ?? null
  const now_ms = useNow(away?.cause === 'closed')
  const { first, then } = away ? awayText(t, away, locale, now_ms) : waitText(t, place)

  return (
    <section class="card">
      <div class="card-row">
        <span class={away || (place && !place.wait_s) ? 'pulse still' : 'pulse'} aria-hidden="true" />
        <p class="card-text" aria-live="polite">
          <strong>{first}</strong>
          {then && <span>{then}</span>}
        </p>
        {!away && !asking && (
          <button type="button" class="link quiet" onClick={() => onAsk('stop')}>
            {t('waiting_cancel')}
          </button>
        )}
      </div>
      {asking ? (
        <Asking what={asking} onDone={() => onAsk(null)} />
      ) : away ? (
        later && <later.Contact />
      ) : leaving?.state === 'failed' ? (
        <p class="card-more" role="alert">
          {t('leave_failed', { reason: errorText(t, leaving.error?.code ?? '') })}{' '}
          <button type="button" class="link" onClick={() => session.leaveMessage()}>
            {t('retry')}
          </button>
        </p>
      ) : leaving ? (
        <p class="card-more" role="status">
          {t(isOnline ? 'leaving' : 'leaving_held')}
        </p>
      ) : (
        isLongWait(place) && (
          <p class="card-more">
            <button type="button" class="link" onClick={() => onAsk('leave')}>
              {t('leave_offer')}
            </button>
          </p>
        )
      )}
    </section>
  )
}

/** Asks once before a conversation, the waiting, or both are ended. */
export function Asking({ what, onDone }: { what: Ask; onDone: () => void }) {
  const { session, t } = usePanel()
  const [isBusy, setBusy] = useState(false)
  const stay = useRef<HTMLButtonElement>(null)
  useEffect(() => stay.current?.focus(), [what])
  const { ask, ...words } = asks[what]
  const go = () => {
    if (what === 'leave') {
      session.leaveMessage()
      return onDone()
    }
    setBusy(true)
    void session
      .end()
      .catch(() => {})
      .finally(onDone)
  }
  return (
    <div
      role="alertdialog"
      aria-label={t(ask)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      <p class="card-ask">{t(ask)}</p>
      <div class="card-actions">
        <button type="button" class="button" ref={stay} onClick={onDone}>
          {t(words.stay)}
        </button>
        <button
          type="button"
          class={what === 'leave' ? 'button go' : 'button danger'}
          disabled={isBusy}
          onClick={go}
        >
          {t(words.go)}
        </button>
      </div>
    </div>
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
