import type { Locale } from '@wecc/protocol'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

import type * as Later from './later'
import type { Host } from './host'
import type { Session } from './session'
import type { Words } from './words'

/** What every part of the panel stands on. */
export interface Panel {
  readonly host: Host
  readonly session: Session
  readonly locale: Locale
  readonly t: Words
  /** Undefined until it is loaded; null where that failed. */
  readonly later: typeof Later | null | undefined
  /** Opens help over the chat: an article, or where it was last. */
  readonly openHelp: (article?: string) => void
}

/** What is read in help: an article, or with an empty id the help page's start. Each visit begins there anew. */
export interface Reading {
  readonly article: string
  readonly visit: number
  readonly isShown: boolean
}

export const PanelContext = createContext<Panel | null>(null)

export function usePanel(): Panel {
  const panel = useContext(PanelContext)
  if (!panel) throw new Error('outside of the panel')
  return panel
}
