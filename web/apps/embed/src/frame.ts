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
  let waiting: HostMessage[] | undefined = []
  let gone = () => {}

  const tell = (message: HostMessage) => {
    if (waiting) waiting.push(message)
    else
      element.contentWindow?.postMessage({ ...message, wecc: FRAME_VERSION } satisfies Framed<HostMessage>, origin)
  }

  const listen = ({ source, origin: from, data }: MessageEvent<Framed<PanelMessage> | undefined>) => {
    if (source !== element.contentWindow || from !== origin || data?.wecc !== FRAME_VERSION) return
    if (data.type === 'gone') gone()
    else heard(data)
  }

  const greet = (now: Options) => {
    element.title = nameOf(now)
    tell({ type: 'hello', locale: localeOf(now), theme: now.theme || 'auto', isInline, page: pageNow() })
  }

  const remove = () => {
    removeEventListener('message', listen)
    element.remove()
  }

  element.onload = () => {
    const first = waiting || []
    waiting = undefined
    first.forEach(tell)
  }
  addEventListener('message', listen)
  parent.appendChild(element)
  greet(options)

  return {
    element,
    tell,
    greet,
    remove,
    end: () =>
      // Alive until it has answered: a removed frame hears nothing.
      new Promise((resolve) => {
        const timer = setTimeout((gone = () => {
          clearTimeout(timer)
          remove()
          resolve()
        }), GOODBYE_MS)
        tell({ type: 'shutdown' })
      }),
  }
}
