import { useEffect, useState } from 'react'

/** Rows that are on their way, once they take longer than a moment. */
export function Skeleton() {
  const [isLate, setIsLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  if (!isLate) return null
  return (
    <div className="list-skeleton" aria-hidden>
      {[72, 56, 88, 64].map((width_px) => (
        <div key={width_px}>
          <i className="skeleton" style={{ width: `${width_px}px` }} />
          <i className="skeleton" />
        </div>
      ))}
    </div>
  )
}
