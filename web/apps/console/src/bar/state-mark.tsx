/** An agent's state as a shape: full, two bars, empty ring, triangle. The word stands beside it. */
export function StateMark({ state }: { readonly state: 'ready' | 'paused' | 'offline' | 'unstable' }) {
  return (
    <svg className="state-mark" data-state={state} width="12" height="12" viewBox="0 0 12 12" aria-hidden>
      {state === 'ready' && <circle cx="6" cy="6" r="5" />}
      {state === 'paused' && <path d="M2 1h3v10H2zM7 1h3v10H7z" />}
      {state === 'offline' && <circle cx="6" cy="6" r="4" fill="none" strokeWidth="2" />}
      {state === 'unstable' && <path d="M6 1l5.5 10H.5z" />}
    </svg>
  )
}
