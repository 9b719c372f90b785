/**
 * The loader: a launcher on the operator's page, and the panel in a frame once somebody wants it.
 *
 * Asks the network for nothing, sets no cookie and moves nothing on the page. Runs under a policy that
 * forbids inline style and script: nodes are made by hand, styles are constructed sheets.
 */
import type { HostMessage, PanelMessage } from '@wecc/protocol'

import { frames, openFrame, type Frame } from './frame'
import { floatCss, icon, inlineCss } from './look'
import { nameOf, type Options } from './options'

type Listener = (detail?: unknown) => void
type Call = (command: string, argument?: unknown, listener?: Listener) => unknown

declare global {
  interface Window {
    WECC?: Call & { q?: Iterable<Parameters<Call>>; isLoaded?: true }
  }
}

const script = document.currentScript as HTMLScriptElement
const { origin } = new URL(script.src)
const attributes = script.dataset as Options

const listeners = new Map<string, Set<Listener>>()
let token: string | undefined
let site: ReturnType<typeof bootSite> | undefined

const emit = (event: string, detail?: unknown) =>
  listeners.get(event)?.forEach((listener) => listener(detail))
const tellAll = (message: HostMessage) => frames.forEach((frame) => frame.tell(message))

/** Styles of a shadow root: constructed, because the page's policy may forbid all others. */
function style(root: ShadowRoot, text: string): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  root.adoptedStyleSheets = [sheet]
}

function addFrame(
  parent: Node,
  options: Options,
  isInline: boolean,
  heard: (message: PanelMessage) => void,
): Frame {
  const frame = openFrame(parent, origin, options, isInline, (message) => {
    heard(message)
    emit(message.type, message.type === 'unread' ? message.count : message)
  })
  if (token) frame.tell({ type: 'identify', token })
  return frame
}

function bootSite(options: Options) {
  const host = document.createElement('wecc-widget')
  const root = host.attachShadow({ mode: 'open' })
  const button = document.createElement('button')
  const badge = document.createElement('span')
  const box = document.createElement('div')
  let frame: Frame | undefined
  let unread = 0
  let isOpen = false

  /** '1' or '0', once the visitor has begun a conversation in this tab: whether the panel is open. */
  const remembered = (value?: string) => {
    const key = `wecc:${options.center}`
    try {
      if (value) sessionStorage.setItem(key, value)
      else if (value === '') sessionStorage.removeItem(key)
      return sessionStorage.getItem(key)
    } catch {
      // no storage here: the next page starts closed
    }
  }

  const draw = () => {
    button.hidden = options.launcher === 'hidden'
    button.ariaExpanded = `${isOpen}`
    button.ariaLabel = nameOf(options) + (unread ? ` (${unread})` : '')
    badge.hidden = !unread || isOpen
    badge.textContent = unread > 9 ? '9+' : `${unread}`
    box.inert = !isOpen
  }

  const need = () =>
    (frame ||= addFrame(box, options, false, (message) => {
      if (message.type === 'unread') {
        unread = message.count
        draw()
      } else if (message.type === 'leave') turn(false)
      else if (message.type !== 'error') remembered(isOpen ? '1' : '0') // there is a conversation
    }))

  const turn = (toOpen: boolean, isByVisitor = true) => {
    if (toOpen === isOpen) return
    isOpen = toOpen
    if (toOpen) need()
    draw()
    tellAll({ type: 'visible', isOpen, isByVisitor })
    if (remembered()) remembered(isOpen ? '1' : '0')
    if (!isByVisitor) return
    if (isOpen) frame!.element.focus()
    else button.focus()
    emit(isOpen ? 'open' : 'close')
  }

  button.append(icon(), badge)
  button.onclick = () => turn(!isOpen)
  button.onkeydown = ({ key }) => {
    if (key === 'Escape') turn(false)
  }
  root.append(box, button)
  style(root, floatCss(options))
  draw()
  document.documentElement.append(host) // beside the body, which some sites swap
  const before = remembered()
  if (before) need()
  if (before === '1' && innerWidth > 480) turn(true, false)

  return {
    turn,
    show: (isShown: boolean) => void (host.hidden = !isShown),
    update(more?: Options) {
      style(root, floatCss(Object.assign(options, more)))
      draw()
      frames.forEach((one) => one.greet(options))
    },
    end() {
      remembered('')
      host.hidden = true
      return host
    },
  }
}

/** The panel inside the page: `<wecc-chat center="gd">` fills itself with it. */
class InlineChat extends HTMLElement {
  frame: Frame | undefined

  connectedCallback(): void {
    const root = this.shadowRoot || this.attachShadow({ mode: 'open' })
    style(root, inlineCss)
    const center = this.getAttribute('center') || attributes.center
    if (center) this.frame = addFrame(root, { ...attributes, center }, true, () => {})
  }

  disconnectedCallback(): void {
    this.frame?.remove()
  }
}

const commands: Record<string, (argument: never, listener: Listener) => unknown> = {
  boot(options?: Options) {
    const all = { ...attributes, ...options }
    if (site) site.update(options)
    else if (all.center) {
      site = bootSite(all)
      emit('ready')
    } else console.warn('WECC: no center')
  },
  update: (options?: Options) => site?.update(options),
  show: () => site?.show(true),
  hide: () => site?.show(false),
  open: () => site?.turn(true),
  close: () => site?.turn(false),
  identify(given: string) {
    token = given
    tellAll({ type: 'identify', token })
  },
  on(event: string, listener) {
    const all = listeners.get(event) || new Set()
    listeners.set(event, all.add(listener))
    if (event === 'ready' && site) listener()
    return () => void all.delete(listener)
  },
  /** Resolves once nothing is left. */
  async shutdown() {
    const host = site?.end()
    site = token = undefined
    listeners.clear()
    await Promise.all([...frames].map((frame) => frame.end()))
    host?.remove()
  },
}

const run: Call = (command, argument, listener) =>
  command in commands
    ? commands[command]!(argument as never, listener!)
    : console.warn(`WECC: “${command}” is not enabled`)

if (!window.WECC?.isLoaded) {
  const queue = window.WECC?.q
  window.WECC = Object.assign(run, { isLoaded: true as const })
  customElements.define('wecc-chat', InlineChat)
  if (attributes.center && attributes.boot !== 'manual') run('boot')
  for (const call of queue || []) run(...call)
}
