/** Addresses below /help, compared. */

const LIST = ['q', 'category', 'offset', 'more', 'lang']

/** Whether both show the same list beside the document, so that it can stay as it is. */
export function haveSameList(one: URL, other: URL): boolean {
  const isNamed = one.searchParams.has('q') || one.searchParams.has('category')
  return isNamed && LIST.every((name) => one.searchParams.get(name) === other.searchParams.get(name))
}

/** Whether both show the results of one question, perhaps narrowed, or in another language. */
export const haveSameQuestion = (one: URL, other: URL): boolean =>
  one.searchParams.has('q') && one.searchParams.get('q') === other.searchParams.get('q')

/** The article of an address, or the empty string. */
export const articleOf = ({ pathname }: URL): string => /\/articles\/([^/]+)$/.exec(pathname)?.[1] ?? ''

/** Whether the page itself can go there: the same center's help, and another place than a fragment of this one. */
export function isWithin(to: URL, here: URL): boolean {
  const home = /^\/help\/[^/]+/.exec(here.pathname)?.[0]
  return (
    to.origin === here.origin &&
    home !== undefined &&
    (to.pathname === home || to.pathname.startsWith(`${home}/articles/`)) &&
    !(to.hash && to.pathname === here.pathname && to.search === here.search)
  )
}

/** Where a search leads; empty fields are left out. */
export function searchUrl(action: string, fields: Iterable<readonly [string, unknown]>): URL {
  const url = new URL(action)
  url.search = ''
  for (const [name, value] of fields)
    if (typeof value === 'string' && value.trim()) url.searchParams.set(name, value.trim())
  return url
}
