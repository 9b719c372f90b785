import type { Options } from './options'

/** A number, whatever the page gave. */
const pixels = (value: number | string | undefined, otherwise: number) =>
  parseInt(`${value ?? otherwise}`) || 0

export const inlineCss = ':host{display:grid;min-height:320px}iframe{width:100%;height:100%;border:0}'

const darkCss = ':host{--c:#4a63e0;--h:#5068e6;--s:#181c25}'

/** The launcher and the panel's place. The colours are those of the design tokens. */
export const floatCss = ({ position, offsetX, offsetY, zIndex, theme }: Options) => {
  const side = position === 'left' ? 'left' : 'right'
  const y = pixels(offsetY, 20)
  return `:host{all:initial;--c:#3552d6;--h:#2a44bd;--s:#fff;--x:calc(${pixels(offsetX, 20)}px + env(safe-area-inset-${side},0px));--y:calc(${y}px + env(safe-area-inset-bottom,0px))}
${theme === 'dark' ? darkCss : theme === 'light' ? '' : `@media(prefers-color-scheme:dark){${darkCss}}`}
button,div{all:unset;position:fixed;z-index:${pixels(zIndex, 2147483000)};${side}:var(--x)}
button{bottom:var(--y);display:grid;place-items:center;width:56px;height:56px;border-radius:50%;background:var(--c);color:#fff;forced-color-adjust:none;cursor:pointer;box-shadow:0 4px 16px #141a2c3d}
button:hover{background:var(--h)}
button:focus-visible{outline:3px solid var(--c);outline-offset:3px}
svg{width:26px;fill:none;stroke:#fff;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
path+path,[aria-expanded=true] path{display:none}
[aria-expanded=true] path+path{display:block}
span{position:absolute;top:-4px;right:-4px;min-width:10px;padding:0 6px;border:2px solid var(--s);border-radius:11px;background:#c4323a;font:600 12px/18px system-ui;text-align:center}
div{bottom:calc(var(--y) + 68px);width:384px;height:min(640px,100dvh - ${y + 84}px);border-radius:16px;overflow:hidden;background:var(--s);box-shadow:0 0 0 1px #8883,0 12px 48px #141a2c3d}
iframe{width:100%;height:100%;border:0}
[inert]{opacity:0;visibility:hidden;transform:translateY(8px)}
@media(max-width:480px){div{inset:0;width:100%;height:100dvh;border-radius:0}[aria-expanded=true]{display:none}}
@media(prefers-reduced-motion:no-preference){div,button{transition:.16s}}
:host([hidden]),[hidden]{display:none}`
}

const shapes = ['M4 5h16v12h-9l-4 4v-4H4zM8 11h0m4 0h0m4 0h0', 'M6 9l6 6 6-6']

/** A speech bubble, and the arrow that is shown in its place while the panel is open. */
export function icon(): SVGElement {
  const make = (tag: string, name: string, value: string) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag) as SVGElement
    node.setAttribute(name, value)
    return node
  }
  const svg = make('svg', 'viewBox', '0 0 24 24')
  svg.append(...shapes.map((shape) => make('path', 'd', shape)))
  return svg
}
