import { useEffect, useRef, useState } from 'react'

import { Button } from '../controls/button'
import { hashOf, place, type Place } from '../place'
import { useKnowledge } from './context'
import { Ask } from './controls'

/** Asks before one leaves changes that are not saved; they are kept on this computer unless one drops them. */
export function LeaveGuard({ onDiscard }: { readonly onDiscard: () => void }) {
  const { texts } = useKnowledge()
  const words = texts.editor
  const [next, setNext] = useState<Place | null>(null)
  const isLeaving = useRef(false)

  useEffect(
    () =>
      place.guard((there) => {
        if (isLeaving.current || hashOf(there) === hashOf(place.getSnapshot())) return true
        setNext(there)
        return false
      }),
    [],
  )

  if (!next) return null
  const leave = () => {
    isLeaving.current = true
    place.go(next)
  }
  const drop = () => {
    onDiscard()
    leave()
  }
  return (
    <Ask
      title={words.leaveTitle}
      text={words.leaveAsk}
      confirm={words.leaveKeep}
      cancel={words.leaveStay}
      onConfirm={leave}
      onClose={() => setNext(null)}
      other={
        <Button look="quiet" onPress={drop}>
          {words.leaveDrop}
        </Button>
      }
    />
  )
}
