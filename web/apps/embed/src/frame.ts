import { FRAME_VERSION, type Framed, type HostMessage, type PanelMessage } from '@wecc/protocol'

import { localeOf, nameOf, pageNow, type Options } from './options'

/** A panel on the center's origin. What is told before it has loaded waits. */
export interface Frame {
  readonly element: HTMLIFrameElement
  tell(message: HostMessage): void
  /** Tells language, theme and page, anew after they changed. */
  greet(options: Options): void
  remove(): void
  /** Lets the panel forget the visitor, then removes it. */
  end(): Promise<void>
}

/** Those that are there. */
export const frames = new Set<Frame>()

const GOODBYE_MS = 1_000

export function openFrame(
  parent: Node,
  origin: string,
  options: Options,
  isInline: boolean,
  heard: (message: PanelMessage) => void,
): Frame {
  const element = document.createElement('iframe')
  element.src = `${origin}/widget/${encodeURIComponent(options.center!)}`
  element.allow = 'microphone; camera; clipboard-write'
  const life = new AbortController()
  let waiting: HostMessage[] | undefined = []
  let gone = () => {}

  const listen = <E extends Event>(
    target: EventTarget | null | undefined,
    type: string,
    heed: (event: E) => void,
  ) => target?.addEventListener(type, heed as (event: Event) => void, life)

  const tell = (message: HostMessage) => {
    if (waiting) waiting.push(message)
    else
      element.contentWindow?.postMessage(
        { ...message, wecc: FRAME_VERSION } satisfies Framed<HostMessage>,
        origin,
      )
  }

  const frame: Frame = {
    element,
    tell,
    greet(now) {
      element.title = nameOf(now)
      tell({ type: 'hello', locale: localeOf(now), theme: now.theme || 'auto', isInline, page: pageNow() })
    },
    remove() {
      frames.delete(frame)
      life.abort()
      element.remove()
    },
    end: () =>
      // Alive until it has answered: a removed frame hears nothing.
      new Promise((resolve) => {
        const timer = setTimeout(
          (gone = () => {
            clearTimeout(timer)
            frame.remove()
            resolve()
          }),
          GOODBYE_MS,
        )
        tell({ type: 'shutdown' })
      }),
  }

  listen(
    window,
    'message',
    ({ source, origin: from, data }: MessageEvent<Framed<PanelMessage> | undefined>) => {
      if (source !== element.contentWindow || from !== origin || data?.wecc !== FRAME_VERSION) return
      if (data.type === 'gone') gone()
      else heard(data)
    },
  )
  // Another page without a load; not every browser has the Navigation API.
  const tellPage = () => tell({ type: 'page', page: pageNow() })
  listen(window, 'popstate', tellPage)
  listen(window.navigation, 'navigatesuccess', tellPage)
  // Only the outer page knows how much a phone's keyboard leaves.
  const { visualViewport } = window
  if (!isInline)
    listen(visualViewport, 'resize', () => {
      const { style } = parent as HTMLElement
      style.height = innerWidth > 480 ? '' : `${visualViewport!.height}px`
    })

  element.onload = () => {
    const first = waiting || []
    waiting = undefined
    first.forEach(tell)
  }
  parent.appendChild(element)
  frames.add(frame)
  frame.greet(options)
  return frame
}
