import { translator } from '@wecc/ui'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'

import { Banner } from './banner'
import { Composer } from './composer'
import { Header } from './header'
import type { Host } from './host'
import { Icon } from './icons'
import { PanelContext } from './panel-context'
import type { Session } from './session'
import { allowSound } from './sound'
import { type Ask, Asking, Closed, Standing } from './standing'
import { Thread } from './thread'
import { useStore } from './use-store'
import { words } from './words'

export function App({ host, session }: { host: Host; session: Session }) {
  const { locale, theme, isGreeted, isFloating } = useStore(host)
  const { conversation, visitor } = useStore(session)
  const isUnsent = useStore(session.outbox).length > 0
  const [asking, setAsking] = useState<Ask | null>(null)
  const [isDropping, setDropping] = useState(false)
  const depth = useRef(0)
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

  if (!isGreeted) return null

  const carriesFiles = (event: DragEvent) =>
    event.dataTransfer?.types.includes('Files') && status !== 'closed'
  const drag = (event: DragEvent, step: number) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    depth.current += step
    setDropping(depth.current > 0)
  }

  return (
    <PanelContext.Provider value={{ host, session, locale, t }}>
      <div
        class={isHome ? 'panel home' : 'panel'}
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
        {status === 'active' && asking && (
          <section class="card">
            <Asking what={asking} onDone={() => setAsking(null)} />
          </section>
        )}
        {status === 'closed' ? <Closed /> : <Composer />}
        {isDropping && (
          <div class="drop">
            <Icon shape="attach" />
            {t('drop_here')}
          </div>
        )}
      </div>
    </PanelContext.Provider>
  )
}
