import { useState } from 'react'

import { Button } from '../controls/button'

export interface RemovalProps {
  readonly label: string
  /** Asked before; null removes at once. */
  readonly ask: string | null
  readonly confirm: string
  readonly cancel: string
  readonly onRemove: () => void
}

/** Removes something; asks first where others would feel it. */
export function Removal({ label, ask, confirm, cancel, onRemove }: RemovalProps) {
  const [isAsking, setIsAsking] = useState(false)
  if (!isAsking)
    return (
      <Button look="quiet" onPress={() => (ask === null ? onRemove() : setIsAsking(true))}>
        {label}
      </Button>
    )
  return (
    <div className="plan-removal" role="alert">
      <p>{ask}</p>
      <Button look="danger" autoFocus onPress={onRemove}>
        {confirm}
      </Button>
      <Button look="quiet" onPress={() => setIsAsking(false)}>
        {cancel}
      </Button>
    </div>
  )
}
