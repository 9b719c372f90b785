import type { AttachmentView } from '@wecc/protocol'

import { WeccError } from './error'
import { problem } from './http'
import { newClientId } from './outbox'
import { Store } from './store'

export interface Upload<A = AttachmentView> {
  readonly id: string
  readonly file: File
  readonly state: 'uploading' | 'done' | 'failed'
  /** 0 to 1. */
  readonly progress: number
  readonly attachment: A | null
  readonly error: WeccError | null
}

export interface UploadsOptions {
  /** Larger files are refused at once. */
  readonly maxBytes: () => number
  /** The visitor's token; nothing for an agent's cookie. */
  readonly headers?: () => Promise<Record<string, string>>
  readonly url?: string
}

/** Files on their way to the server, before what they will belong to is sent. `A`: how the server answers. */
export class Uploads<A = AttachmentView> extends Store<readonly Upload<A>[]> {
  readonly #options: UploadsOptions
  readonly #requests = new Map<string, XMLHttpRequest>()

  constructor(options: UploadsOptions) {
    super([])
    this.#options = options
  }

  add(file: File): string {
    const id = newClientId()
    const upload: Upload<A> = { id, file, state: 'uploading', progress: 0, attachment: null, error: null }
    this.set([...this.getSnapshot(), upload])
    void this.#upload(upload)
    return id
  }

  retry(id: string): void {
    const upload = this.getSnapshot().find((one) => one.id === id)
    if (upload?.state !== 'failed') return
    this.#change(id, { state: 'uploading', progress: 0, error: null })
    void this.#upload(upload)
  }

  /** Takes a file off the list; stops it when it is under way. */
  remove(id: string): void {
    this.set(this.getSnapshot().filter((one) => one.id !== id))
    this.#requests.get(id)?.abort()
    this.#requests.delete(id)
  }

  /** Hands over what has arrived and empties the list of it. */
  take(): readonly A[] {
    const all = this.getSnapshot()
    this.set(all.filter((one) => one.state !== 'done'))
    return all.flatMap((one) => (one.attachment ? [one.attachment] : []))
  }

  clear(): void {
    for (const { id } of this.getSnapshot()) this.remove(id)
  }

  async #upload({ id, file }: Upload<A>): Promise<void> {
    try {
      const max_bytes = this.#options.maxBytes()
      if (file.size > max_bytes) throw new WeccError({ code: 'request.too_large', data: { max_bytes } })
      const headers = (await this.#options.headers?.()) ?? {}
      if (!this.getSnapshot().some((one) => one.id === id)) return // removed meanwhile
      const attachment = await this.#send(id, file, headers)
      this.#change(id, { state: 'done', progress: 1, attachment })
    } catch (thrown) {
      this.#change(id, { state: 'failed', error: WeccError.from(thrown) })
    } finally {
      this.#requests.delete(id)
    }
  }

  #send(id: string, file: File, headers: Record<string, string>): Promise<A> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      this.#requests.set(id, request)
      request.open(
        'POST',
        `${this.#options.url ?? '/api/v1/attachments'}?name=${encodeURIComponent(file.name)}`,
      )
      request.setRequestHeader('content-type', file.type || 'application/octet-stream')
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
      request.upload.onprogress = ({ loaded, total }) =>
        this.#change(id, { progress: total ? loaded / total : 0 })
      request.onload = () =>
        request.status < 300
          ? resolve(JSON.parse(request.responseText) as A)
          : reject(problem(request.status, request.responseText))
      request.onerror = () => reject(new WeccError({ code: 'client.connection_lost', retryable: true }))
      request.onabort = () => reject(new WeccError({ code: 'client.aborted' }))
      request.send(file)
    })
  }

  #change(id: string, change: Partial<Upload<A>>): void {
    this.set(this.getSnapshot().map((one) => (one.id === id ? { ...one, ...change } : one)))
  }
}
