/** Pictures and files of articles that not everybody may have: fetched with the visitor's token. */
import { ask, token } from './server'
import { say, trouble, withProgress } from './telling'

const FILES = `/help/${document.body.dataset['center']}/files/`

async function fetched(path: string): Promise<string> {
  const response = await ask(path)
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return URL.createObjectURL(await response.blob())
}

/** Pictures of what is about to be shown; the browser itself would ask without the token. */
export function fillFiles(page: Document): void {
  if (!token()) return
  for (const picture of page.querySelectorAll<HTMLImageElement>(`img[src^="${FILES}"]`)) {
    const path = picture.getAttribute('src')!
    picture.removeAttribute('src')
    fetched(path).then(
      (url) => {
        picture.onload = () => URL.revokeObjectURL(url)
        picture.src = url
      },
      () => {}, // its words stay
    )
  }
}

/** Saves a file when it takes the token; true when it does. */
export function saveFile(link: HTMLAnchorElement): boolean {
  const path = link.getAttribute('href')!
  if (!path.startsWith(FILES) || !token()) return false
  withProgress(fetched(path)).then(
    (url) => {
      const saving = document.createElement('a')
      saving.href = url
      saving.download = link.download
      saving.click()
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
    },
    () => trouble(say('file-fails')),
  )
  return true
}
