import type { AgentSession } from '@wecc/protocol'
import { http } from '@wecc/realtime'
import { useEffect, useState } from 'react'
import { I18nProvider } from 'react-aria-components'

import { Guard } from './controls/guard'
import { Window } from './desk/window'
import { Workplace } from './desk/workplace'
import { SignInPage } from './session/sign-in'
import { LocaleContext, texts } from './texts'
import { usePreferences } from './use-store'

type Stage =
  | { readonly kind: 'asking' }
  | { readonly kind: 'signed_out'; readonly cause: string | null }
  | { readonly kind: 'working'; readonly workplace: Workplace }

/** Who works here: nobody, until the session says otherwise. */
export function App() {
  const { locale, theme } = usePreferences()
  const [stage, setStage] = useState<Stage>({ kind: 'asking' })

  useEffect(() => {
    document.documentElement.lang = locale
    document.title = `${texts[locale].product} · WECC`
  }, [locale])

  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])

  const start = (session: AgentSession) => {
    const workplace = new Workplace(session)
    const stop = workplace.line.subscribe(() => {
      const state = workplace.line.getSnapshot()
      if (state.kind !== 'ended') return
      stop()
      workplace.close()
      setStage({ kind: 'signed_out', cause: state.cause })
    })
    workplace.open()
    setStage({ kind: 'working', workplace })
  }

  useEffect(() => {
    const asking = new AbortController()
    http<AgentSession>('/api/v1/agent/session', { signal: asking.signal })
      .then(start)
      .catch(() => {
        if (!asking.signal.aborted) setStage({ kind: 'signed_out', cause: null })
      })
    return () => asking.abort()
  }, [])

  return (
    <I18nProvider locale={locale}>
      <LocaleContext value={locale}>
        <Guard texts={texts[locale]}>
          {stage.kind === 'working' && <Window workplace={stage.workplace} />}
          {stage.kind === 'signed_out' && <SignInPage cause={stage.cause} onSignedIn={start} />}
        </Guard>
      </LocaleContext>
    </I18nProvider>
  )
}
