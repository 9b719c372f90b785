import type { CannedReply } from '@wecc/protocol'
import { useEffect, useRef } from 'react'

import { useTexts } from '../texts'

export interface CannedMenuProps {
  readonly id: string
  readonly replies: readonly CannedReply[]
  readonly chosen: number
  readonly filter: string
  readonly hasAny: boolean
  readonly onInsert: (at: number) => void
}

/** The matches above the text; the focus stays in the text. */
export function CannedMenu({ id, replies, chosen, filter, hasAny, onInsert }: CannedMenuProps) {
  const { composer } = useTexts()
  const current = useRef<HTMLLIElement>(null)
  useEffect(() => {
    // newer browsers answer with a promise, which is no clean-up
    void current.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <div className="canned-menu popover">
      {replies.length === 0 && <p>{hasAny ? composer.cannedEmpty(filter) : composer.cannedNone}</p>}
      <ul id={id} role="listbox" aria-label={composer.canned}>
        {replies.map((reply, at) => (
          <li
            key={reply.id}
            id={`${id}-${at}`}
            ref={at === chosen ? current : undefined}
            role="option"
            aria-selected={at === chosen}
            onPointerDown={(event) => {
              event.preventDefault()
              onInsert(at)
            }}
          >
            <b>/{reply.shortcut}</b>
            <span>{reply.title}</span>
            <small className="clip">{reply.text}</small>
          </li>
        ))}
      </ul>
      {replies.length > 0 && <footer>{composer.cannedHint}</footer>}
    </div>
  )
}
