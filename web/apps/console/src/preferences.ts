import type { Locale } from '@wecc/protocol'
import { Store } from '@wecc/realtime'
import { localeOf } from '@wecc/ui'

export type Theme = 'system' | 'light' | 'dark'

/** What this browser remembers of its agent's taste. */
export interface Preferences {
  readonly locale: Locale
  readonly theme: Theme
  readonly hasSound: boolean
  readonly center: string
  readonly login: string
  readonly rightPane_px: number
  readonly isRightPaneOpen: boolean
  readonly closedSections: readonly string[]
}

const KEY = 'wecc:console:preferences'

const defaults = (): Preferences => ({
  locale: localeOf(navigator.language),
  theme: 'system',
  hasSound: true,
  center: '',
  login: '',
  rightPane_px: 320,
  isRightPaneOpen: true,
  closedSections: [],
})

class PreferenceStore extends Store<Preferences> {
  constructor() {
    super({ ...defaults(), ...stored() })
  }

  change(change: Partial<Preferences>): void {
    this.set({ ...this.getSnapshot(), ...change })
    try {
      localStorage.setItem(KEY, JSON.stringify(this.getSnapshot()))
    } catch {
      // private mode or a full disk: the taste lasts as long as the page
    }
  }
}

function stored(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>
  } catch {
    return {}
  }
}

export const preferences = new PreferenceStore()
