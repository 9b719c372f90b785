import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'

import { IconButton } from '../controls/button'
import { keysOf, useCommand } from '../desk/shortcuts'
import { place } from '../place'
import { useTexts } from '../texts'
import type { Acting } from './use-act'

export interface PaneProps {
  readonly title: string
  /** The row that opened it: gets the focus back. */
  readonly rowId: string
  readonly acting: Acting
  readonly children: ReactNode
}

/** Beside the floor: one tier or one group looked at closely, and what came of acting there. */
export function Pane({ title, rowId, acting, children }: PaneProps) {
  const { floor } = useTexts()
  const heading = useRef<HTMLHeadingElement>(null)
  const close = () => {
    place.go({ name: 'floor', view: null })
    document.getElementById(rowId)?.focus()
  }
  useCommand('back', close)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [rowId])
  return (
    <aside className="floor-pane" aria-label={title}>
      <header className="side-header">
        <h2 ref={heading} className="clip" tabIndex={-1}>
          {title}
        </h2>
        <IconButton icon={X} label={floor.close} keys={keysOf('back')} onPress={close} />
      </header>
      <div className="floor-pane-body">{children}</div>
      <p className="floor-said" role="status">
        {acting.said}
      </p>
      <p className="floor-said problem" role="alert">
        {acting.problem}
      </p>
    </aside>
  )
}
