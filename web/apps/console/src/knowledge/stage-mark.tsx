import { useKnowledge } from './context'
import type { Stage } from './content'

/** Colour only for meaning: what readers see, what waits for somebody, what came back. */
export function StageMark({ stage }: { readonly stage: Stage }) {
  const { stages } = useKnowledge().texts
  return (
    <small className="kb-stage" data-stage={stage}>
      {stages[stage]}
    </small>
  )
}
