import type { AgentNotices, AgentRequests, PlanView, Result, SavePlan } from '@wecc/protocol'
import { Connection, type Socket } from '@wecc/realtime'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Editor } from './editor'
import type { Kept, KeptDraft } from './kept'
import { check, plan, view } from './samples'

/** A center in memory: the other end of the line, and its HTTP interface. */
class Center implements Socket {
  inForce: PlanView = view(1)
  asked: string[] = []
  #connected: () => void = () => {}
  #dropped: () => void = () => {}
  #notice: (name: string, payload: unknown) => void = () => {}

  connect() {
    this.#connected()
  }
  disconnect() {}
  drop() {
    this.#dropped()
  }
  on(event: string, handler: (argument: never) => void) {
    if (event === 'connect') this.#connected = handler as () => void
    if (event === 'disconnect') this.#dropped = handler as () => void
  }
  onAny(handler: (name: string, payload: unknown) => void) {
    this.#notice = handler
  }
  emit(name: string, _: unknown, ack: (result: Result<unknown>) => void) {
    if (name === 'plan:read') queueMicrotask(() => ack({ ok: true, data: this.inForce }))
  }
  readonly fetch = async (path: string, { method, body }: { method: string; body: string }) => {
    this.asked.push(`${method} ${path}`)
    if (method === 'POST') return Response.json(check)
    const { version, plan: saved } = JSON.parse(body) as SavePlan
    if (version !== this.inForce.version.version)
      return Response.json({ code: 'plan.conflict', title: '', data: {} }, { status: 409 })
    this.inForce = view(version + 1, saved)
    return Response.json(this.inForce)
  }
  /** Somebody else saves. */
  save(change: Partial<PlanView['plan']>) {
    this.inForce = view(this.inForce.version.version + 1, { ...this.inForce.plan, ...change })
    this.#notice('plan:changed', this.inForce.version)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function opened(kept: KeptDraft | null = null) {
  const center = new Center()
  vi.stubGlobal('fetch', center.fetch)
  const line = new Connection<AgentRequests, AgentNotices>({ namespace: '/agent', socket: center })
  const store: Kept & { draft: KeptDraft | null } = {
    draft: kept,
    read: () => store.draft,
    write: (draft) => void (store.draft = draft),
  }
  line.open()
  const editor = new Editor(line, store)
  await vi.advanceTimersByTimeAsync(500)
  return { center, line, editor, store, now: () => editor.getSnapshot() }
}

it('reads the plan, and has it checked', async () => {
  const { now } = await opened()
  expect(now().plan).toEqual(plan)
  expect(now().changes).toEqual([])
  expect(now().check).toEqual(check)
  expect(now().checking).toBe('no')
})

it('undoes and does again, typing into one field being one step', async () => {
  const { editor, now } = await opened()
  editor.edit({ wrap_up_s: 4 })
  editor.edit({ wrap_up_s: 45 })
  editor.edit({ policy: 'fifo' })
  expect(now().done).toHaveLength(2)
  editor.undo()
  expect(now().plan).toEqual({ ...plan, wrap_up_s: 45 })
  editor.undo()
  expect(now().plan).toEqual(plan)
  editor.redo()
  editor.redo()
  expect(now().plan).toEqual({ ...plan, wrap_up_s: 45, policy: 'fifo' })
  editor.takeBack(now().changes.find((one) => one.path === 'wrap_up_s')!)
  expect(now().plan).toEqual({ ...plan, policy: 'fifo' })
})

it('a number that is missing is told and not sent', async () => {
  const { center, editor, now } = await opened()
  center.asked = []
  editor.edit({ wrap_up_s: null })
  expect(now().problems).toMatchObject([{ path: 'wrap_up_s', code: 'missing' }])
  await vi.advanceTimersByTimeAsync(500)
  expect(center.asked).toEqual([])
  expect(now().problems).toHaveLength(1)
})

it('saves, and begins anew from what is in force', async () => {
  const { center, editor, now, store } = await opened()
  editor.edit({ policy: 'gap_live' })
  await vi.advanceTimersByTimeAsync(500)
  expect(store.draft?.draft.get('policy')).toBe('gap_live')
  expect(await editor.save('busy')).toBe(true)
  expect(center.inForce.plan.policy).toBe('gap_live')
  expect(now()).toMatchObject({ changes: [], done: [], saved: { version: 2 }, isSaving: false })
  expect(store.draft).toBeNull()
})

it('who has changed nothing simply has the newer plan', async () => {
  const { center, now } = await opened()
  center.save({ wrap_up_s: 60 })
  await vi.advanceTimersByTimeAsync(500)
  expect(now()).toMatchObject({ newer: null, view: { version: { version: 2 } }, plan: { wrap_up_s: 60 } })
})

it('a draft outlives a save of others; both are put together and saved', async () => {
  const { center, editor, now } = await opened()
  editor.edit({ policy: 'gap_live', offer_timeout_s: 15 })
  center.save({ wrap_up_s: 60, offer_timeout_s: 25 })
  await vi.advanceTimersByTimeAsync(500)
  expect(now()).toMatchObject({ newer: { version: 2 }, plan: { policy: 'gap_live', wrap_up_s: 30 } })
  expect(await editor.save('')).toBe(false)
  expect(now().conflict?.merged.conflicts.map(({ path }) => path)).toEqual(['offer_timeout_s'])
  editor.reapply(new Set(['offer_timeout_s']))
  expect(now()).toMatchObject({ conflict: null, newer: null, view: { version: { version: 2 } } })
  expect(await editor.save('')).toBe(true)
  expect(center.inForce.plan).toEqual({ ...plan, policy: 'gap_live', wrap_up_s: 60, offer_timeout_s: 15 })
})

it('theirs can be taken instead', async () => {
  const { center, editor, now } = await opened()
  editor.edit({ policy: 'gap_live' })
  center.save({ wrap_up_s: 60 })
  await editor.compare()
  editor.takeTheirs()
  expect(now()).toMatchObject({ changes: [], conflict: null, plan: { policy: 'gap', wrap_up_s: 60 } })
})

it('a draft goes on after a reload, also when others saved meanwhile', async () => {
  const first = await opened()
  first.editor.edit({ policy: 'fifo' })
  await vi.advanceTimersByTimeAsync(500)
  const again = await opened(first.store.draft)
  expect(again.now()).toMatchObject({ isRestored: true, newer: null, plan: { policy: 'fifo' } })
  const stale = { ...first.store.draft!, view: view(0) }
  expect((await opened(stale)).now()).toMatchObject({
    newer: { version: 1 },
    view: { version: { version: 0 } },
  })
})

it('hears after a lost connection of what was saved meanwhile', async () => {
  const { center, editor, now } = await opened()
  editor.edit({ policy: 'fifo' })
  center.drop()
  center.inForce = view(5)
  await vi.advanceTimersByTimeAsync(6_000)
  expect(now().newer?.version).toBe(5)
})
