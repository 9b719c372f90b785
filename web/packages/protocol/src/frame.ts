import type { Locale } from './result'

/**
 * What the host page's loader and the panel in its iframe tell each other by `postMessage`.
 * Both sides check the other's exact origin and window; a message of another version is ignored.
 */
export const FRAME_VERSION = 1

export type Theme = 'light' | 'dark' | 'auto'

/** Where the visitor is: never with query or fragment. */
export interface HostPage {
  readonly url: string
  readonly title: string
}

/**
 * From the host page to the panel. `hello` comes first and again after a change of locale or theme; `shutdown`
 * asks the panel to forget the visitor and say `gone`.
 */
export type HostMessage =
  | {
      readonly type: 'hello'
      readonly locale: Locale
      readonly theme: Theme
      readonly isInline: boolean
      readonly page: HostPage
    }
  | { readonly type: 'page'; readonly page: HostPage }
  /** `isByVisitor`: not just open from the page before, so the panel may take the focus. */
  | { readonly type: 'visible'; readonly isOpen: boolean; readonly isByVisitor: boolean }
  | { readonly type: 'identify'; readonly token: string }
  | { readonly type: 'shutdown' }

/** From the panel to the host page. All but `leave` (the visitor closes the panel) and `gone` are told to the page. */
export type PanelMessage =
  | { readonly type: 'leave' }
  | { readonly type: 'unread'; readonly count: number }
  | {
      /** `resumed`: begun on another page, in another tab or on another device. */
      readonly type: 'conversation_started' | 'conversation_resumed' | 'conversation_closed'
      readonly conversation_id: string
    }
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  | { readonly type: 'gone' }

/** How either travels: the marker and the version keep other people's messages out. */
export type Framed<M> = M & { readonly wecc: typeof FRAME_VERSION }
