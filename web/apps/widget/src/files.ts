import type { AttachmentView, ConversationView, Locale } from '@wecc/protocol'
import { httpBlob } from '@wecc/realtime'

/** Attachments as `blob:` addresses: they are private, so each is fetched with the visitor's token, once. */
export class Files {
  readonly #urls = new Map<string, Promise<string>>()
  readonly #headers: () => Record<string, string>

  constructor(headers: () => Record<string, string>) {
    this.#headers = headers
  }

  /** Throws `WeccError`; the next call tries again. */
  url(id: string): Promise<string> {
    const known = this.#urls.get(id)
    if (known) return known
    const url = httpBlob(`/api/v1/attachments/${id}`, { headers: this.#headers() }).then((blob) =>
      URL.createObjectURL(blob),
    )
    this.#urls.set(id, url)
    url.catch(() => this.#urls.delete(id))
    return url
  }

  /** What was sent from here need not be fetched. */
  remember({ id }: AttachmentView, file: File): void {
    this.#urls.set(id, Promise.resolve(URL.createObjectURL(file)))
  }

  async download({ id, name }: AttachmentView): Promise<void> {
    save(await this.url(id), name)
  }

  async saveTranscript({ id, started_ms }: ConversationView, locale: Locale, name: string): Promise<void> {
    const path = `/api/v1/conversations/${id}/transcript?locale=${locale}&format=html`
    const url = URL.createObjectURL(await httpBlob(path, { headers: this.#headers() }))
    save(url, `${name} ${new Date(started_ms).toISOString().slice(0, 10)}.html`)
    URL.revokeObjectURL(url)
  }

  clear(): void {
    for (const url of this.#urls.values()) void url.then(URL.revokeObjectURL, () => {})
    this.#urls.clear()
  }
}

function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
