import {
  FRAME_VERSION,
  type Framed,
  type HostMessage,
  type HostPage,
  type Locale,
  type PanelMessage,
  type Theme,
} from '@wecc/protocol'
import { Store } from '@wecc/realtime'
import { localeOf } from '@wecc/ui'

export interface HostState {
  readonly locale: Locale
  readonly theme: Theme
  readonly page: HostPage | null
  /** In a frame with a launcher: can be closed. */
  readonly isFloating: boolean
  readonly isOpen: boolean
  /** The visitor has just opened it: the panel may take the focus. */
  readonly mayFocus: boolean
  /** The host page has said how it wants the panel. */
  readonly isGreeted: boolean
}

type Heard = { readonly identify: (token: string) => void; readonly shutdown: () => void }

/** As much as the server takes. */
const shortened = ({ url, title }: HostPage): HostPage => ({
  url: url.slice(0, 2_000),
  title: title.slice(0, 300),
})

/**
 * The page around the panel. Its origin is whose first message came from the window above: the center's
 * `frame-ancestors` lets only allowed pages be there. Everything else that is said is not heard.
 */
export class Host extends Store<HostState> {
  #origin: string | null = null
  #heard: Heard | null = null
  #early: HostMessage[] = []

  constructor() {
    const isEmbedded = window.parent !== window
    super({
      locale: localeOf(new URLSearchParams(location.search).get('locale') ?? navigator.language),
      theme: 'auto',
      page: null,
      isFloating: false,
      isOpen: !isEmbedded,
      mayFocus: !isEmbedded,
      isGreeted: !isEmbedded,
    })
    if (isEmbedded) addEventListener('message', this.#listen)
  }

  /** Hears what is not state; also what was said before. */
  hear(heard: Heard): void {
    this.#heard = heard
    for (const message of this.#early.splice(0)) this.#handle(message)
  }

  tell(message: PanelMessage): void {
    if (this.#origin === null) return
    window.parent.postMessage(
      { ...message, wecc: FRAME_VERSION } satisfies Framed<PanelMessage>,
      this.#origin,
    )
  }

  readonly #listen = ({ source, origin, data }: MessageEvent<Framed<HostMessage> | undefined>): void => {
    if (source !== window.parent || data?.wecc !== FRAME_VERSION) return
    if (origin !== (this.#origin ??= origin)) return
    this.#handle(data)
  }

  #handle(message: HostMessage): void {
    const state = this.getSnapshot()
    switch (message.type) {
      case 'hello': {
        const { locale, theme, isInline, page } = message
        this.set({
          ...state,
          locale,
          theme,
          page: shortened(page),
          isFloating: !isInline,
          isOpen: state.isOpen || isInline,
          isGreeted: true,
        })
        break
      }
      case 'page':
        this.set({ ...state, page: shortened(message.page) })
        break
      case 'visible':
        this.set({ ...state, isOpen: message.isOpen, mayFocus: message.isOpen && message.isByVisitor })
        break
      case 'identify':
        if (this.#heard) this.#heard.identify(message.token)
        else this.#early.push(message)
        break
      case 'shutdown':
        if (this.#heard) this.#heard.shutdown()
        else this.#early.push(message)
        break
    }
  }
}
