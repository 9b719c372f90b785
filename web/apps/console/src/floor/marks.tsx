import type { QueueNow } from '@wecc/protocol'
import { duration } from '@wecc/ui'

import { percent } from '../desk/reason'
import { useTexts } from '../texts'
import { useFloorNow } from './context'
import { type Hands, type Standing, standingOf } from './standing'

/** A wait that grows, and stands still when the figures do. */
export function Since({ since_ms }: { readonly since_ms: number | null }) {
  const now_ms = useFloorNow()
  return <>{since_ms === null ? '—' : duration(now_ms - since_ms)}</>
}

/** The longest wait of a queue, and in a word when its promise is already broken. */
export function LongestWait({ queue }: { readonly queue: QueueNow }) {
  const { floor } = useTexts()
  const now_ms = useFloorNow()
  const { waiting_since_ms, threshold_s } = queue
  const isLate = waiting_since_ms !== null && now_ms - waiting_since_ms > threshold_s * 1000
  return (
    <span className="longest" data-late={isLate || undefined}>
      {isLate && <small>{floor.overdue}</small>}
      <Since since_ms={waiting_since_ms} />
    </span>
  )
}

/** A tier's standing by shape and word: full with a tick, half, cross, empty ring. */
export function StandingMark({ standing }: { readonly standing: Standing }) {
  const { floor } = useTexts()
  return (
    <span className="standing" data-standing={standing}>
      <svg viewBox="0 0 12 12" aria-hidden>
        {standing === 'met' && (
          <>
            <circle cx="6" cy="6" r="6" className="standing-full" />
            <path d="M3.2 6.2l2 2 3.6-4" className="standing-cut" />
          </>
        )}
        {standing === 'near' && (
          <>
            <circle cx="6" cy="6" r="5" className="standing-line" />
            <path d="M6 1a5 5 0 0 1 0 10z" className="standing-full" />
          </>
        )}
        {standing === 'missed' && (
          <>
            <path d="M6 .2L11.8 6 6 11.8.2 6z" className="standing-full" />
            <path d="M6 3.2v3.4M6 8.2v.6" className="standing-cut" />
          </>
        )}
        {standing === 'none' && <path d="M2 6h8" className="standing-line" />}
      </svg>
      {floor.standing[standing]}
    </span>
  )
}

/** An agent's or a group's hands by shape; the word or number stands beside it. */
export function HandsMark({ hands }: { readonly hands: Hands }) {
  return (
    <svg className="hands-mark" data-hands={hands} width="12" height="12" viewBox="0 0 12 12" aria-hidden>
      {hands === 'free' && <circle cx="6" cy="6" r="5" />}
      {hands === 'busy' && <path d="M1 1h10v10H1z" />}
      {hands === 'paused' && <path d="M2 1h3v10H2zM7 1h3v10H7z" />}
      {hands === 'unstable' && <path d="M6 1l5.5 10H.5z" />}
      {hands === 'away' && <circle cx="6" cy="6" r="4" fill="none" strokeWidth="2" />}
    </svg>
  )
}

/** The rate as a bar from 0 to 100, with the target as a mark across it. */
export function RateBar({ queue }: { readonly queue: QueueNow }) {
  const { floor } = useTexts()
  const standing = standingOf(queue)
  const rate = standing === 'none' ? floor.noRate : percent(queue.rate)
  return (
    <svg
      className="rate-bar"
      data-standing={standing}
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={floor.rateOf(rate, percent(queue.target))}
    >
      <rect className="rate-bar-track" width="100" height="10" />
      {standing !== 'none' && <rect className="rate-bar-rate" y="2" width={queue.rate} height="6" />}
      <line className="rate-bar-target" x1={queue.target} x2={queue.target} y1="0" y2="10" />
    </svg>
  )
}
