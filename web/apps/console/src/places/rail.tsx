import './places.css'

import type { AgentSession } from '@wecc/protocol'
import { BookOpenText, Gauge, MessagesSquare, Split, SquareSlash, UsersRound, Workflow } from 'lucide-react'
import { useRef } from 'react'
import { Button } from 'react-aria-components'

import { place, type Place } from '../place'
import { useTexts } from '../texts'

export interface RailProps {
  readonly here: Place['name']
  readonly role: AgentSession['role']
  readonly hasKnowledge: boolean
  readonly toReview: number
}

/** The other places of this window, for those who have any. Back at the desk the same conversation is open. */
export function Rail({ here, role, hasKnowledge, toReview }: RailProps) {
  const { places, toReview: waiting } = useTexts()
  const lastDesk = useRef<Place>({ name: 'desk', conversationId: null })
  const now = place.getSnapshot()
  if (now.name === 'desk') lastDesk.current = now
  const doors = [
    { name: 'desk', icon: MessagesSquare, go: () => place.go(lastDesk.current) },
    ...(role === 'agent'
      ? []
      : ([
          { name: 'floor', icon: Gauge, go: () => place.go({ name: 'floor', view: null }) },
          {
            name: 'routing',
            icon: Split,
            go: () => place.go({ name: 'routing', section: null, item: null }),
          },
          { name: 'flows', icon: Workflow, go: () => place.go({ name: 'flows', code: null, view: null }) },
        ] as const)),
    ...(hasKnowledge
      ? ([
          {
            name: 'knowledge',
            icon: BookOpenText,
            go: () => place.go({ name: 'knowledge', section: null, item: null }),
          },
        ] as const)
      : []),
    ...(role === 'agent'
      ? []
      : ([{ name: 'canned', icon: SquareSlash, go: () => place.go({ name: 'canned' }) }] as const)),
    ...(role === 'administrator'
      ? [{ name: 'agents', icon: UsersRound, go: () => place.go({ name: 'agents' }) } as const]
      : []),
  ] as const
  return (
    <nav className="rail">
      {doors.map(({ name, icon: Icon, go }) => (
        <Button key={name} className="rail-door" aria-current={here === name ? 'page' : false} onPress={go}>
          <Icon size={18} strokeWidth={1.75} aria-hidden />
          {places[name]}
          {name === 'knowledge' && toReview > 0 && (
            <small className="rail-count figures" aria-label={waiting(toReview)} title={waiting(toReview)}>
              {Math.min(toReview, 99)}
            </small>
          )}
        </Button>
      ))}
    </nav>
  )
}
