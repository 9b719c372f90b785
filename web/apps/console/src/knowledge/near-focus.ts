/** Where the focus goes when nothing of what was around it is left. */
const HOMES = '.kb-article, .kb-form'

/**
 * Notes where the focus is; the returned function puts it as near to there as it still can, if what was done has
 * taken its place away. Who works by keyboard goes on where he was.
 */
export function nearFocus(): () => void {
  const around: HTMLElement[] = []
  for (let one = document.activeElement; one instanceof HTMLElement; one = one.parentElement) around.push(one)
  return () => {
    if (around[0] === document.body || document.activeElement !== document.body) return
    for (const one of [...around, ...document.querySelectorAll<HTMLElement>(HOMES)]) {
      if (!one.isConnected || one === document.body || one === document.documentElement || isOff(one)) continue
      if (one.tabIndex < 0) {
        one.tabIndex = -1
        one.dataset.focusHome = ''
      }
      one.focus({ preventScroll: true })
      if (document.activeElement === one) return
    }
  }
}

const isOff = (one: HTMLElement): boolean => one.matches(':disabled, [inert] *') || one.id === 'root'
