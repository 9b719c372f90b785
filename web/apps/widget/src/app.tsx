import { translator } from '@wecc/ui'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'

import { Banner } from './banner'
import { Composer } from './composer'
import { Header } from './header'
import type { Host } from './host'
import { Icon } from './icons'
import type * as Later from './later'
import { PanelContext, type Panel, type Reading } from './panel-context'
import type { Session } from './session'
import { allowSound } from './sound'
import { type Ask, Asking, Closed, Standing } from './standing'
import { Thread } from './thread'
import { useStore } from './use-store'
import { words } from './words'

export function App({ host, session }: { host: Host; session: Session }) {
  const { locale, theme, isGreeted, isFloating, isOpen } = useStore(host)
  const { conversation, visitor } = useStore(session)
  const isUnsent = useStore(session.outbox).length > 0
  const [asking, setAsking] = useState<Ask | null>(null)
  const [isDropping, setDropping] = useState(false)
  const [later, setLater] = useState<typeof Later | null>()
  const [reading, setReading] = useState<Reading | null>(null)
  const depth = useRef(0)
  const opener = useRef<Element | null>(null)
  const t = useMemo(() => translator(words, locale), [locale])
  const status = conversation?.status
  const isAway = !!conversation?.away
  const isHome = !conversation && !isUnsent && !(session.isKnown && !visitor)

  useLayoutEffect(() => {
    const { documentElement: root } = document
    root.lang = locale
    root.dataset['theme'] = theme
    document.title = t('title')
  }, [locale, theme])

  useLayoutEffect(() => setAsking(null), [status, isAway])

  // Without it the conversation goes on in words; it is tried again whenever the panel is opened.
  useEffect(() => {
    if (isOpen && !later) import('./later').then(setLater, () => setLater(null))
  }, [isOpen])

  useEffect(() => {
    if (reading?.isShown === false && opener.current instanceof HTMLElement) opener.current.focus()
  }, [reading?.isShown])

  if (!isGreeted) return null

  const carriesFiles = (event: DragEvent) =>
    event.dataTransfer?.types.includes('Files') && status !== 'closed'
  const drag = (event: DragEvent, step: number) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    depth.current += step
    setDropping(depth.current > 0)
  }

  const openHelp: Panel['openHelp'] = (article) => {
    opener.current = document.activeElement
    setReading((last) => ({
      article: article ?? last?.article ?? '',
      visit: (last?.visit ?? 0) + (article === undefined ? 0 : 1),
      isShown: true,
    }))
  }
  const closeHelp = () => setReading((last) => last && { ...last, isShown: false })

  return (
    <PanelContext.Provider value={{ host, session, locale, t, later, openHelp }}>
      <div
        class={isHome ? 'panel home' : 'panel'}
        inert={reading?.isShown === true}
        onPointerDown={allowSound}
        onKeyDown={(event) => {
          allowSound()
          if (event.key === 'Escape' && isFloating && !event.isComposing) host.tell({ type: 'leave' })
        }}
        onDragEnter={(event) => drag(event, 1)}
        onDragLeave={(event) => drag(event, -1)}
        onDragOver={(event) => carriesFiles(event) && event.preventDefault()}
        onDrop={(event) => {
          if (!carriesFiles(event)) return
          event.preventDefault()
          depth.current = 0
          setDropping(false)
          for (const file of event.dataTransfer?.files ?? []) session.uploads.add(file)
        }}
      >
        <Header onAsk={setAsking} />
        <Banner />
        <Thread />
        {status === 'waiting' && <Standing asking={asking} onAsk={setAsking} />}
        {(status === 'active' || status === 'guided') && asking && (
          <section class="card">
            <Asking what={asking} onDone={() => setAsking(null)} />
          </section>
        )}
        {later && (!conversation || status === 'guided') && <later.Ways />}
        {status === 'closed' ? <Closed /> : <Composer />}
        {isDropping && (
          <div class="drop">
            <Icon shape="attach" />
            {t('drop_here')}
          </div>
        )}
      </div>
      {later && reading && <later.Help reading={reading} onBack={closeHelp} />}
    </PanelContext.Provider>
  )
}
