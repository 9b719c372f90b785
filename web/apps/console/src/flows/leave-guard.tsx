import { useEffect, useRef, useState } from 'react'

import { Button } from '../controls/button'
import { place, type Place } from '../place'
import { Ask } from './ask'
import { useFlowTexts } from './texts'

export interface LeaveGuardProps {
  readonly code: string
  readonly onDiscard: () => void
}

/** Asks before one leaves a flow with changes that are not saved; they are kept unless one drops them. */
export function LeaveGuard({ code, onDiscard }: LeaveGuardProps) {
  const { leave: words } = useFlowTexts()
  const [next, setNext] = useState<Place | null>(null)
  const isLeaving = useRef(false)

  useEffect(
    () =>
      place.guard((there) => {
        if (isLeaving.current || (there.name === 'flows' && there.code === code)) return true
        setNext(there)
        return false
      }),
    [code],
  )

  if (!next) return null
  const leave = () => {
    isLeaving.current = true
    setNext(null)
    place.go(next)
  }
  return (
    <Ask
      title={words.title}
      text={words.ask}
      confirm={words.keep}
      cancel={words.stay}
      onConfirm={leave}
      onClose={() => setNext(null)}
      other={
        <Button
          look="quiet"
          onPress={() => {
            onDiscard()
            leave()
          }}
        >
          {words.drop}
        </Button>
      }
    />
  )
}
