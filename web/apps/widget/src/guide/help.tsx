import { useEffect, useRef, useState } from 'preact/hooks'

import { Icon } from '../icons'
import { useLaterWords } from '../later-words'
import { usePanel, type Reading } from '../panel-context'
import { useStore } from '../use-store'

interface Props {
  readonly reading: Reading
  readonly onBack: () => void
}

/** What the help page says to the panel around it. */
interface Asked {
  readonly type: 'wecc:ask'
  readonly text: string
}

const isAsked = (data: unknown): data is Asked =>
  typeof data === 'object' &&
  data !== null &&
  (data as Partial<Asked>).type === 'wecc:ask' &&
  typeof (data as Partial<Asked>).text === 'string'

/** The help page inside the panel, over the chat. Put away it stays as it is. */
export function Help({ reading: { article, visit, isShown }, onBack }: Props) {
  const { session, host, locale, t: words } = usePanel()
  const { isFloating, theme } = useStore(host)
  const t = useLaterWords()
  const frame = useRef<HTMLIFrameElement>(null)
  const back = useRef<HTMLButtonElement>(null)
  const page = article ? `/articles/${article}` : ''
  const address = `/help/${session.center}${page}?embed=widget&lang=${locale}`
  const key = `${visit} ${locale}`
  const [loaded, setLoaded] = useState('')

  useEffect(() => {
    if (isShown) back.current?.focus()
  }, [isShown, visit])

  // It follows the system by itself, and the host page's wish from here.
  const dress = () => {
    const root = frame.current?.contentDocument?.documentElement
    if (root) root.dataset['theme'] = theme
  }
  useEffect(dress, [theme])

  useEffect(() => {
    const hear = ({ origin, source, data }: MessageEvent<unknown>) => {
      if (origin !== location.origin || source !== frame.current?.contentWindow || !isAsked(data)) return
      onBack()
      session.askPerson(words('person'), data.text)
    }
    addEventListener('message', hear)
    return () => removeEventListener('message', hear)
  }, [words, onBack])

  return (
    <section
      class={isShown ? 'help-view' : 'help-view put-away'}
      aria-label={words('help')}
      inert={!isShown}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onBack()
      }}
    >
      <header>
        <button ref={back} type="button" class="link" onClick={onBack}>
          <Icon shape="back" />
          {t('help_back')}
        </button>
        {isFloating && (
          <button
            type="button"
            class="round"
            aria-label={words('close_panel')}
            onClick={() => host.tell({ type: 'leave' })}
          >
            <Icon shape="minimise" />
          </button>
        )}
      </header>
      <div class="help-page" aria-busy={loaded !== key}>
        {loaded !== key && (
          <p class="bones" role="status" aria-label={t('help_loading')}>
            <span class="bone wide" />
            <span class="bone" />
            <span class="bone wide" />
          </p>
        )}
        <iframe
          key={key}
          ref={frame}
          src={address}
          title={words('help')}
          onLoad={() => {
            dress()
            setLoaded(key)
          }}
        />
      </div>
    </section>
  )
}
