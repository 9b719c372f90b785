import { PERSON } from '../drafts'
import { Icon } from '../icons'
import { useLaterWords } from '../later-words'
import { usePanel } from '../panel-context'
import { newestStep } from '../rows'
import { useStore } from '../use-store'

/** Beside the composer while nobody is asked for: the other ways to an answer. */
export function Ways() {
  const { session, t: words, openHelp } = usePanel()
  const t = useLaterWords()
  const { entry, log } = useStore(session)
  const step = newestStep(useStore(log).events) ?? entry?.step
  const offered = step?.options.find(({ id }) => id === PERSON)
  const label = offered?.label ?? words('person')
  const isAsked = useStore(session.outbox).some(({ draft }) => draft.option === PERSON)
  return (
    <div class="ways">
      <button type="button" onClick={() => openHelp()}>
        <Icon shape="help" />
        {t('help_browse')}
      </button>
      {(offered || entry?.offers_person) && (
        <button type="button" disabled={isAsked} onClick={() => session.askPerson(label)}>
          <Icon shape="person" />
          {label}
        </button>
      )}
    </div>
  )
}
