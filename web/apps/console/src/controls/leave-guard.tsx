import { useEffect, useRef, useState } from 'react'

import { place, type Place } from '../place'
import { useTexts } from '../texts'
import { Ask } from './ask'
import { Button } from './button'

export interface LeaveGuardProps {
  /** Whether what is edited is still seen there. */
  readonly isWithin: (there: Place) => boolean
  readonly onDiscard: () => void
}

/** Asks before one leaves changes that are not saved; they are kept on this computer unless one drops them. */
export function LeaveGuard({ isWithin, onDiscard }: LeaveGuardProps) {
  const { leaving: words } = useTexts()
  const [next, setNext] = useState<Place | null>(null)
  const isLeaving = useRef(false)

  useEffect(() =>
    place.guard((there) => {
      if (isLeaving.current || isWithin(there)) return true
      setNext(there)
      return false
    }),
  )

  if (!next) return null
  const leave = () => {
    isLeaving.current = true
    setNext(null)
    place.go(next)
  }
  const drop = () => {
    onDiscard()
    leave()
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
        <Button look="quiet" onPress={drop}>
          {words.drop}
        </Button>
      }
    />
  )
}
