/**
 * Everything the page asks of the server. Who he is says the token the chat gave this visitor, never a cookie:
 * an agent who looks at the help page sees what customers see.
 */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createHTML: (html: string) => string; createScriptURL: (url: string) => string | null },
  ): { createHTML(html: string): string; createScriptURL(url: string): string }
}

const center = document.body.dataset['center']!
const tokenKey = `wecc:${center}:token`

// Strings become markup only here, where they were fetched from our own help pages, and one script only.
const { trustedTypes } = globalThis as { trustedTypes?: PolicyFactory }
const policy = trustedTypes?.createPolicy('wecc-help', {
  createHTML: (html) => html,
  createScriptURL: (url) => (url === '/embed.js' ? url : null),
})

let refused = ''

/** The visitor's token, if the chat gave him one that still holds. */
export function token(): string | null {
  try {
    const kept = localStorage.getItem(tokenKey)
    return kept === refused ? null : kept
  } catch {
    return null // no storage here: he reads what everybody may
  }
}

/** Calls back when the visitor becomes somebody, or ceases to be. */
export function onIdentity(changed: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key === tokenKey || key === null) changed()
  })
}

/** Rejects with a `TypeError` without a connection. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const bearer = token()
  const headers = new Headers(init.headers)
  if (bearer) headers.set('authorization', `Bearer ${bearer}`)
  const response = await fetch(path, { credentials: 'omit', ...init, headers })
  if (response.status !== 401 || !bearer) return response
  refused = bearer
  return ask(path, init)
}

/** Asks for JSON to be taken note of; nothing depends on it. */
export function note(path: string, body: object): void {
  const headers = { 'content-type': 'application/json' }
  ask(path, { method: 'POST', headers, body: JSON.stringify(body), keepalive: true }).catch(() => {})
}

/** Parts of a page below /help, or null when something else answered. */
export async function askParts(url: URL, part: string, init: RequestInit = {}): Promise<Document | null> {
  if (url.origin !== location.origin || !url.pathname.startsWith('/help/')) return null
  const headers = { 'x-part': part, ...(init.headers as Record<string, string>) }
  // Its cookie says what this browser thought of an article; the server asks no other of these pages.
  const credentials = 'same-origin'
  const response = await ask(url.pathname + url.search, { ...init, headers, credentials, redirect: 'error' })
  if (!response.headers.get('content-type')?.startsWith('text/html')) return null
  const html = await response.text()
  const parsed = new DOMParser().parseFromString(policy?.createHTML(html) ?? html, 'text/html')
  return parsed.querySelector('#help, [data-part]') ? parsed : null
}

type Chat = (command: string) => unknown

/** Opens the chat of this center; loads it first when it was never asked for. Rejects when it cannot be had. */
export async function openChat(): Promise<void> {
  const page = window as { WECC?: Chat }
  if (!page.WECC)
    await new Promise((loaded, failed) => {
      const script = document.createElement('script')
      script.src = policy?.createScriptURL('/embed.js') ?? '/embed.js'
      script.dataset['center'] = center
      script.onload = loaded
      script.onerror = () => {
        script.remove()
        failed(new Error('no chat'))
      }
      document.head.append(script)
    })
  page.WECC!('open')
}
