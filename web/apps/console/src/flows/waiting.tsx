import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'
import type { Reading } from '../reading'
import { useFlowTexts } from './texts'

/** Place holders until something is read, or why it was not and how to go on. */
export function Waiting({ reading }: { readonly reading: Pick<Reading<unknown>, 'error' | 'again'> }) {
  const texts = useFlowTexts()
  const all = useTexts()
  if (reading.error)
    return (
      <div className="flows-failed" role="alert">
        <p>
          {reading.error.code === 'request.not_found'
            ? texts.missing
            : `${texts.failed} ${errorText(reading.error, all)}`}
        </p>
        <Button onPress={reading.again}>{all.retry}</Button>
      </div>
    )
  return (
    <div className="flows-reading" aria-label={texts.loading} aria-busy>
      {[40, 72, 56, 88, 64].map((percent) => (
        <i key={percent} className="skeleton" style={{ width: `${percent}%` }} />
      ))}
    </div>
  )
}
