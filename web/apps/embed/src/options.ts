import type { HostPage, Locale, Theme } from '@wecc/protocol'

/** What `boot` and `update` take, and the script's `data-*` attributes (`data-offset-x` is `offsetX`). */
export interface Options {
  center?: string
  /** The page's own language by default. */
  locale?: string
  theme?: Theme
  position?: 'left' | 'right'
  /** Pixels from the side and from below. */
  offsetX?: number | string
  offsetY?: number | string
  zIndex?: number | string
  /** `hidden`: without a button; the page calls `open`. */
  launcher?: 'shown' | 'hidden'
  /** `manual`: nothing happens before the page calls `boot`. */
  boot?: 'manual'
}

export const localeOf = ({ locale }: Options): Locale =>
  /^zh/i.test(locale || document.documentElement.lang || navigator.language) ? 'zh-CN' : 'en'

export const nameOf = (options: Options) => (localeOf(options) === 'en' ? 'Chat with us' : '在线客服')

/** Query and fragment may hold what is nobody's business. */
export const pageNow = (): HostPage => ({ url: location.origin + location.pathname, title: document.title })
