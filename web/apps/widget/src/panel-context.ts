import type { Locale } from '@wecc/protocol'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

import type { Host } from './host'
import type { Session } from './session'
import type { Words } from './words'

/** What every part of the panel stands on. */
export interface Panel {
  readonly host: Host
  readonly session: Session
  readonly locale: Locale
  readonly t: Words
}

export const PanelContext = createContext<Panel | null>(null)

export function usePanel(): Panel {
  const panel = useContext(PanelContext)
  if (!panel) throw new Error('outside of the panel')
  return panel
}
