import { useState } from 'react'

import { Button, Hint } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useWorkplace } from '../desk/context'
import { startReply } from '../desk/start-reply'
import { useTexts } from '../texts'

/** Takes a waiting customer by hand. */
export function TakeButton({ id }: { readonly id: string }) {
  const texts = useTexts()
  const workplace = useWorkplace()
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const take = async () => {
    setIsBusy(true)
    setError(null)
    try {
      await workplace.pick(id)
      startReply(id)
    } catch (thrown) {
      setError(thrown)
      setIsBusy(false)
    }
  }
  return (
    <>
      <Hint text={texts.header.takeHint}>
        <Button look="primary" isPending={isBusy} onPress={() => void take()}>
          {isBusy ? texts.header.taking : texts.header.take}
        </Button>
      </Hint>
      {error !== null && <span className="problem">{errorText(error, texts)}</span>}
    </>
  )
}
