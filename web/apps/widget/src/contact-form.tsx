import { useEffect, useId, useRef, useState } from 'preact/hooks'

import { flawOf, leftContact, masked, tidied } from './contact'
import { useLaterWords } from './later-words'
import { usePanel } from './panel-context'
import { useStore } from './use-store'
import { errorText } from './words'

/** How whoever left a message can be reached: asked for once, then shown masked, and open to correction. */
export function Contact() {
  const { session, t: words } = usePanel()
  const t = useLaterWords()
  const { conversation, log } = useStore(session)
  const logged = leftContact(useStore(log).events)
  const item = useStore(session.leaving).filter(({ draft }) => draft.contact !== '').at(-1)
  const isOnline = useStore(session.connection).kind === 'online'
  const [isChanging, setChanging] = useState(false)
  const known = item?.draft.contact ?? logged
  const isKnown = known !== null || conversation?.away?.has_contact === true
  const contact = masked(known ?? '')

  return (
    <div class="contact">
      <p role="status">
        {!isKnown || isChanging
          ? null
          : item?.state === 'failed'
            ? t('contact_failed', { contact, reason: errorText(words, item.error?.code ?? '') })
            : item
              ? t(isOnline ? 'contact_saving' : 'contact_held', { contact })
              : known
                ? t('contact_left', { contact })
                : t('contact_known')}
        {isKnown && !isChanging && (
          <>
            {' '}
            {item?.state === 'failed' && (
              <button type="button" class="link" onClick={() => session.leaving.retry(item.client_id)}>
                {words('retry')}
              </button>
            )}
            <button type="button" class="link" onClick={() => setChanging(true)}>
              {t('contact_change')}
            </button>
          </>
        )}
      </p>
      {(!isKnown || isChanging) && (
        <ContactForm known={known ?? ''} isChange={isChanging} onDone={() => setChanging(false)} />
      )}
    </div>
  )
}

function ContactForm(props: { known: string; isChange: boolean; onDone: () => void }) {
  const { known, isChange, onDone } = props
  const { session } = usePanel()
  const t = useLaterWords()
  const [typed, setTyped] = useState(known)
  const [isChecked, setChecked] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const contact = tidied(typed)
  const flaw = isChecked ? flawOf(contact) : null

  useEffect(() => {
    if (isChange) field.current?.select()
  }, [])

  const save = () => {
    setChecked(true)
    if (flawOf(contact)) return field.current?.focus()
    if (contact !== known) session.leaveMessage(contact)
    onDone()
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isChange) return
        event.stopPropagation()
        onDone()
      }}
    >
      <label for={id}>
        {t('contact')} <small>{t('contact_why')}</small>
      </label>
      <div class="contact-row">
        <input
          ref={field}
          id={id}
          value={typed}
          maxLength={100}
          inputMode="email"
          autocomplete="on"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="done"
          aria-invalid={flaw !== null}
          aria-describedby={flaw ? `${id}-flaw` : undefined}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {isChange && (
          <button type="button" class="link quiet" onClick={onDone}>
            {t('contact_cancel')}
          </button>
        )}
        <button type="submit" class="button">
          {t('contact_save')}
        </button>
      </div>
      {flaw && (
        <p id={`${id}-flaw`} class="over" role="alert">
          {t(`contact_${flaw.type}`, { digits: flaw.digits })}
        </p>
      )}
    </form>
  )
}
