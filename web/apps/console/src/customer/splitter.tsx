import { useEffect, useRef, useState } from 'react'

import { preferences } from '../preferences'
import { useTexts } from '../texts'
import { usePreferences } from '../use-store'

const MIN_PX = 260
const MAX_PX = 480
const STEP_PX = 16

const within = (width_px: number): number => Math.min(MAX_PX, Math.max(MIN_PX, Math.round(width_px)))

/** The right pane's edge: by hand or with the arrow keys; the width is remembered. */
export function Splitter() {
  const { customer } = useTexts()
  const { rightPane_px } = usePreferences()
  const [isDragging, setIsDragging] = useState(false)
  const start = useRef({ x: 0, width_px: 0 })

  useEffect(() => {
    if (!isDragging) return
    const move = (event: PointerEvent) =>
      preferences.change({ rightPane_px: within(start.current.width_px + start.current.x - event.clientX) })
    const end = () => setIsDragging(false)
    addEventListener('pointermove', move)
    addEventListener('pointerup', end)
    addEventListener('pointercancel', end)
    return () => {
      removeEventListener('pointermove', move)
      removeEventListener('pointerup', end)
      removeEventListener('pointercancel', end)
    }
  }, [isDragging])

  return (
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={customer.resize}
      aria-valuemin={MIN_PX}
      aria-valuemax={MAX_PX}
      aria-valuenow={rightPane_px}
      tabIndex={0}
      data-dragging={isDragging || undefined}
      onPointerDown={(event) => {
        event.preventDefault()
        start.current = { x: event.clientX, width_px: rightPane_px }
        setIsDragging(true)
      }}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowLeft' ? STEP_PX : event.key === 'ArrowRight' ? -STEP_PX : 0
        if (step) preferences.change({ rightPane_px: within(rightPane_px + step) })
      }}
    />
  )
}
