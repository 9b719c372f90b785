import type { FlowProblem, FlowView } from '@wecc/protocol'
import { type HttpOptions, WeccError } from '@wecc/realtime'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { type FlowDrafts, flowDrafts } from './drafts'
import { FlowEditor, hasChanges, isBehind } from './editor'

const problem = (code: string): FlowProblem => ({ line: 2, column: 1, code, about: '', is_warning: false })

/** A server that keeps one flow; `bad` in a text is a mistake. */
class Server {
  version = 3
  source = 'saved'
  readonly asked: string[] = []

  view(): FlowView {
    const { version, source } = this
    const summary = {
      code: 'szx',
      name_zh: '神州行',
      name_en: 'Easyown',
      tiers: ['szx'],
      version,
      saved_ms: 0,
      saved_by: null,
      comment: '',
      is_shared: false,
      is_deleted: false,
    }
    return { summary, source, problems: [], outline: [] }
  }

  readonly ask = async <T>(path: string, { method = 'GET', body }: HttpOptions = {}): Promise<T> => {
    this.asked.push(`${method} ${path.split('/').at(-1)}`)
    const { source = '', base_version = 0 } = (body ?? {}) as { source?: string; base_version?: number }
    const problems = source.includes('bad') ? [problem('target.missing')] : []
    if (method === 'POST') return { problems, outline: [] } as T
    if (method === 'PUT') {
      if (problems.length) throw new WeccError({ code: 'flow.invalid', data: { problems } })
      if (base_version !== this.version) throw new WeccError({ code: 'flow.conflict' })
      this.version += 1
      this.source = source
    }
    return this.view() as T
  }
}

let server: Server
let drafts: FlowDrafts

async function opened(): Promise<FlowEditor> {
  const editor = new FlowEditor('szx', drafts, server.ask)
  await editor.read()
  return editor
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  server = new Server()
  drafts = flowDrafts('a1')
})
afterEach(() => vi.useRealTimers())

it('checks the last of what is typed, once', async () => {
  const editor = await opened()
  editor.edit('good')
  editor.edit('bad')
  expect(editor.getSnapshot().checked).toBe('saved')
  await vi.runAllTimersAsync()
  expect(server.asked.filter((one) => one === 'POST check')).toHaveLength(1)
  expect(editor.getSnapshot()).toMatchObject({ checked: 'bad', playable: 'saved' })
  expect(editor.getSnapshot().check.problems).toHaveLength(1)
})

it('says where a text is too long for the server, without asking it', async () => {
  const editor = await opened()
  editor.edit(`one\ntwo${'x'.repeat(60_000)}\nthree`)
  expect(editor.getSnapshot().check.problems).toMatchObject([{ line: 2, code: 'source.long', about: '60000' }])
  editor.edit('good')
  await vi.runAllTimersAsync()
  expect(editor.getSnapshot().check.problems).toEqual([])
  expect(server.asked).toEqual(['GET szx', 'POST check'])
})

it('keeps what is not saved over a reload, and knows when there is nothing to save', async () => {
  const first = await opened()
  first.edit('mine')
  first.comment('why')
  drafts = flowDrafts('a1')
  const editor = await opened()
  expect(editor.getSnapshot()).toMatchObject({ source: 'mine', draft: { baseVersion: 3, comment: 'why' } })
  expect(hasChanges(editor.getSnapshot())).toBe(true)
  editor.edit('saved')
  expect(hasChanges(editor.getSnapshot())).toBe(false)
  expect(drafts.getSnapshot().size).toBe(0)
})

it('saves; what was typed meanwhile stays as changes to the version saved', async () => {
  const editor = await opened()
  editor.edit('mine')
  const saving = editor.save()
  editor.edit('mine and more')
  expect(await saving).toMatchObject({ version: 4 })
  expect(editor.getSnapshot()).toMatchObject({ source: 'mine and more', draft: { baseVersion: 4 } })
})

it('a conflict and mistakes keep everything', async () => {
  const editor = await opened()
  editor.edit('bad')
  expect(await editor.save()).toBe('invalid')
  expect(editor.getSnapshot()).toMatchObject({ source: 'bad', check: { problems: [{ line: 2 }] } })

  editor.edit('mine')
  server.version = 4
  server.source = 'theirs'
  expect(await editor.save()).toBe('conflict')
  expect(editor.getSnapshot()).toMatchObject({ source: 'mine', view: { source: 'theirs' } })
  expect(isBehind(editor.getSnapshot())).toBe(true)
  expect(await editor.save(4)).toMatchObject({ version: 5 })
  expect(server.source).toBe('mine')
})

it('goes on from either after a conflict', async () => {
  const editor = await opened()
  editor.edit('mine')
  server.version = 4
  server.source = 'theirs'
  expect(await editor.save()).toBe('conflict')
  editor.rebase()
  expect(isBehind(editor.getSnapshot())).toBe(false)
  editor.edit('mine and theirs')
  expect(await editor.save()).toMatchObject({ version: 5 })

  editor.edit('mine again')
  server.version = 6
  server.source = 'theirs again'
  expect(await editor.save()).toBe('conflict')
  editor.discard()
  editor.edit('on top of theirs')
  expect(await editor.save()).toMatchObject({ version: 7 })
})

it('hears of another version: takes it without a draft, tells of it with one', async () => {
  const editor = await opened()
  server.version = 4
  server.source = 'theirs'
  editor.hear(4)
  await vi.runAllTimersAsync()
  expect(editor.getSnapshot()).toMatchObject({ source: 'theirs', draft: null })
  editor.edit('mine')
  server.version = 5
  editor.hear(5)
  await vi.runAllTimersAsync()
  expect(editor.getSnapshot()).toMatchObject({ source: 'mine', view: { summary: { version: 5 } } })
  expect(isBehind(editor.getSnapshot())).toBe(true)
})

it('has nothing to save when others have saved the same', async () => {
  const editor = await opened()
  editor.edit('mine')
  server.version = 4
  server.source = 'mine'
  await editor.read()
  expect(editor.getSnapshot()).toMatchObject({ draft: null, view: { summary: { version: 4 } } })
})

it('an earlier version is restored on top of the one in use', async () => {
  const editor = await opened()
  editor.restore('earlier', 'why')
  expect(editor.getSnapshot()).toMatchObject({ source: 'earlier', draft: { baseVersion: 3, comment: 'why' } })
})
