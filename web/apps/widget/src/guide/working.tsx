import { useEffect, useState } from 'preact/hooks'

import { GuideMark } from '../message-group'
import { useLaterWords } from '../later-words'
import { usePanel } from '../panel-context'
import { lastTurn } from '../rows'
import { useStore } from '../use-store'

const NOTICED_MS = 300
const LONG_MS = 5_000

/** While self-service works out its answer. */
export function Working() {
  const { session } = usePanel()
  const { log } = useStore(session)
  const last = lastTurn(useStore(log).events)
  return last?.sender.kind === 'visitor' ? <Wait key={last.seq} /> : null
}

function Wait() {
  const { session, t: words } = usePanel()
  const t = useLaterWords()
  const [waited_ms, setWaited] = useState(0)
  useEffect(() => {
    const timers = [NOTICED_MS, LONG_MS].map((ms) => setTimeout(() => setWaited(ms), ms))
    return () => timers.forEach(clearTimeout)
  }, [])
  if (waited_ms < NOTICED_MS) return null
  return (
    <div class="group theirs typing">
      <GuideMark />
      <div class="group-body">
        <span class="bubble dots">
          <i />
          <i />
          <i />
          <span class="visually-hidden">{t('working')}</span>
        </span>
        {waited_ms >= LONG_MS && (
          <p class="long">
            {t('working_long')}
            <button type="button" class="link" onClick={() => session.askPerson(words('person'))}>
              {t('working_person')}
            </button>
          </p>
        )}
      </div>
    </div>
  )
}
