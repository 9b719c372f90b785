import { place } from '../place'

/** What the middle of the place shows; `edit` has no name in the address. */
export const views = ['edit', 'changes', 'versions'] as const
export type View = (typeof views)[number]

export const viewOf = (name: string | null): View => views.find((one) => one === name) ?? 'edit'

export const addressOf = (code: string, view: View = 'edit'): string =>
  view === 'edit' ? `#/flows/${code}` : `#/flows/${code}/${view}`

export const showFlow = (code: string | null, view: View = 'edit'): void =>
  place.go({ name: 'flows', code, view: view === 'edit' ? null : view })
