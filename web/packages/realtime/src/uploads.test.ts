import type { AttachmentView } from '@wecc/protocol'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Uploads, type Upload } from './uploads'

/** The browser's request object, with the network's side played by the test. */
class Request {
  static made: Request[] = []
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
  readonly headers: Record<string, string> = {}
  url = ''
  status = 0
  responseText = ''
  isAborted = false
  onload = () => {}
  onerror = () => {}
  onabort = () => {}

  open(_method: string, url: string) {
    this.url = url
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  send() {
    Request.made.push(this)
  }
  abort() {
    this.isAborted = true
    this.onabort()
  }
  answer(status: number, body: unknown) {
    this.status = status
    this.responseText = JSON.stringify(body)
    this.onload()
  }
}

const attachment: AttachmentView = {
  id: 'att1',
  name: '账单 1.pdf',
  media_type: 'application/pdf',
  size_bytes: 3,
  is_image: false,
  width_px: null,
  height_px: null,
}

const file = new File(['abc'], '账单 1.pdf', { type: 'application/pdf' })

const setup = (maxBytes = 100) =>
  new Uploads({ maxBytes: () => maxBytes, headers: async () => ({ authorization: 'Bearer t' }) })

const only = (uploads: Uploads): Upload => uploads.getSnapshot()[0]!
const begun = () => vi.waitFor(() => Request.made.at(-1) ?? expect.unreachable())

beforeEach(() => {
  Request.made = []
  vi.stubGlobal('XMLHttpRequest', Request)
})
afterEach(() => void vi.unstubAllGlobals())

it('sends a file and tells how far it is', async () => {
  const uploads = setup()
  uploads.add(file)
  const request = await begun()
  expect(request.url).toBe('/api/v1/attachments?name=%E8%B4%A6%E5%8D%95%201.pdf')
  expect(request.headers).toEqual({ 'content-type': 'application/pdf', authorization: 'Bearer t' })
  request.upload.onprogress!({ loaded: 1, total: 2 })
  expect(only(uploads)).toMatchObject({ state: 'uploading', progress: 0.5 })
  request.answer(201, attachment)
  await vi.waitFor(() => expect(only(uploads)).toMatchObject({ state: 'done', progress: 1, attachment }))
  expect(uploads.take()).toEqual([attachment])
  expect(uploads.getSnapshot()).toEqual([])
})

it('refuses what is too large before it is sent', async () => {
  const uploads = setup(2)
  uploads.add(file)
  await vi.waitFor(() =>
    expect(only(uploads)).toMatchObject({
      state: 'failed',
      error: { code: 'request.too_large', data: { max_bytes: 2 } },
    }),
  )
  expect(Request.made).toEqual([])
})

it('tells a refusal, and tries again by hand', async () => {
  const uploads = setup()
  const id = uploads.add(file)
  const request = await begun()
  request.answer(415, {
    code: 'attachment.type_refused',
    title: 'no',
    status: 415,
    retryable: false,
    data: {},
  })
  await vi.waitFor(() =>
    expect(only(uploads)).toMatchObject({ state: 'failed', error: { code: 'attachment.type_refused' } }),
  )
  uploads.retry(id)
  await vi.waitFor(() => expect(Request.made).toHaveLength(2))
  Request.made[1]!.onerror()
  await vi.waitFor(() => expect(only(uploads)).toMatchObject({ state: 'failed', error: { retryable: true } }))
})

it('stops what is taken off the list', async () => {
  const uploads = setup()
  const id = uploads.add(file)
  const request = await begun()
  uploads.remove(id)
  expect(request.isAborted).toBe(true)
  expect(uploads.getSnapshot()).toEqual([])
})
