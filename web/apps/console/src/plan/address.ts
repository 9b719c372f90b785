import { place } from '../place'
import { fieldId } from './context'
import { placeOf } from './rules'

/** Goes to a section of the routing desk, or to one item of it. */
export const showPart = (section: string | null, item: string | null = null): void =>
  place.go({ name: 'routing', section, item })

/** Goes to where a field is edited, and puts the focus there once it is drawn. */
export function showField(path: string): void {
  const { section, item } = placeOf(path)
  showPart(section, item)
  let frames = 20
  const focus = () => {
    const field = fieldElement(path)
    if (!field) return void ((frames -= 1) && requestAnimationFrame(focus))
    field.scrollIntoView({ block: 'center' })
    field.focus({ preventScroll: true })
  }
  // The address changes with the next task, the screen after it.
  setTimeout(() => requestAnimationFrame(focus))
}

/** The field itself, else the first one within it, else what it is a part of. */
function fieldElement(path: string): HTMLElement | null {
  const id = fieldId(path)
  const exact = document.getElementById(id)
  const within = document.querySelector<HTMLElement>(`[id^="${id}."]`)
  if (exact ?? within) return focusable((exact ?? within)!)
  const above = path.slice(0, path.lastIndexOf('.'))
  return above.includes('.') ? fieldElement(above) : null
}

const focusable = (element: HTMLElement): HTMLElement =>
  element.matches('input, select, button, [tabindex]')
    ? element
    : (element.querySelector<HTMLElement>('input, select, button') ?? element)
