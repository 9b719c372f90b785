import type { MessageEvent } from '@wecc/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { WeccError } from './error'
import { newClientId, Outbox, type OutboxItem } from './outbox'

type Item = OutboxItem<string>
const key = 'wecc:gd:outbox:c1'
const me = { kind: 'visitor', id: 'v1' } as const

const lost = () => new WeccError({ code: 'client.connection_lost', retryable: true })
const busy = () => new WeccError({ code: 'service.unavailable', retryable: true })
const closed = () => new WeccError({ code: 'conversation.closed' })

const logged = (client_id: string, seq: number, id: string = me.id): MessageEvent => ({
  seq,
  prev: seq - 1,
  at_ms: 0,
  sender: { kind: 'visitor', id, name: '' },
  client_id,
  kind: 'message',
  body: { text: '', attachments: [] },
})

const states = (outbox: Outbox<string>) => outbox.getSnapshot().map(({ draft, state }) => `${draft} ${state}`)

beforeEach(() => {
  vi.useFakeTimers()
  sessionStorage.clear()
})
afterEach(() => void vi.useRealTimers())

it('client ids are of the alphabet and length that the server takes, and differ', () => {
  const ids = new Set(Array.from({ length: 1_000 }, newClientId))
  expect(ids.size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
})

describe('what is written', () => {
  it('is sent one after the other, and let go when the log shows it', async () => {
    const order: string[] = []
    let seq = 0
    const send = async ({ draft }: Item) => {
      await new Promise((resolve) => setTimeout(resolve, draft === 'a' ? 200 : 10))
      order.push(draft)
      return { seq: (seq += 1) }
    }
    const outbox = new Outbox<string>({ key, send })
    const [a, b] = [outbox.add('a'), outbox.add('b')]
    expect(states(outbox)).toEqual(['a sending', 'b sending'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(order).toEqual(['a', 'b'])
    expect(states(outbox)).toEqual(['a sent', 'b sent'])
    outbox.settle([logged(a, 1, 'someone-else')], me)
    expect(states(outbox)).toEqual(['a sent', 'b sent'])
    outbox.settle([logged(a, 1), logged(b, 2)], me)
    expect(states(outbox)).toEqual([])
  })

  it('waits out a lost connection and is sent again with the same id', async () => {
    const sent: string[] = []
    let isUp = false
    const outbox = new Outbox<string>({
      key,
      send: async ({ client_id }) => {
        sent.push(client_id)
        if (!isUp) throw lost()
        return { seq: 1 }
      },
    })
    const id = outbox.add('a')
    await vi.advanceTimersByTimeAsync(0)
    expect(outbox.getSnapshot()[0]).toMatchObject({
      state: 'sending',
      error: { code: 'client.connection_lost' },
    })
    isUp = true
    outbox.resume()
    await vi.advanceTimersByTimeAsync(0)
    expect(states(outbox)).toEqual(['a sent'])
    expect(new Set(sent)).toEqual(new Set([id]))
  })

  it('that is refused says so and holds up nothing', async () => {
    let isOpen = false
    const outbox = new Outbox<string>({
      key,
      send: async ({ draft }) => {
        if (draft === 'a' && !isOpen) throw closed()
        return { seq: 1 }
      },
    })
    const id = outbox.add('a')
    outbox.add('b')
    await vi.advanceTimersByTimeAsync(0)
    expect(states(outbox)).toEqual(['a failed', 'b sent'])
    isOpen = true
    outbox.retry(id)
    await vi.advanceTimersByTimeAsync(0)
    expect(states(outbox)).toEqual(['a sent', 'b sent'])
  })

  it('keeps its order behind a busy server, which is not asked for ever', async () => {
    let asked = 0
    const outbox = new Outbox<string>({
      key,
      send: async () => {
        asked += 1
        throw busy()
      },
    })
    outbox.add('a')
    outbox.add('b')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(states(outbox)).toEqual(['a sending', 'b sending'])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(states(outbox)).toEqual(['a failed', 'b failed'])
    expect(asked).toBeLessThanOrEqual(16)
  })

  it('survives a reload in the middle of sending', async () => {
    const before = new Outbox<string>({ key, send: () => new Promise(() => {}) })
    const id = before.add('a')
    before.close()

    const sent: string[] = []
    const after = new Outbox<string>({
      key,
      send: async ({ client_id }) => {
        sent.push(client_id)
        return { seq: 1 }
      },
    })
    expect(states(after)).toEqual(['a sending'])
    after.resume()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual([id])
    expect(sessionStorage.getItem(key)).toBeNull()
  })

  it('keeps a refusal and its reason over a reload', async () => {
    const before = new Outbox<string>({ key, send: () => Promise.reject(closed()) })
    before.add('a')
    await vi.advanceTimersByTimeAsync(0)
    const after = new Outbox<string>({ key, send: () => Promise.reject(closed()) })
    expect(after.getSnapshot()[0]).toMatchObject({ state: 'failed', error: { code: 'conversation.closed' } })
    after.discard(after.getSnapshot()[0]!.client_id)
    expect(new Outbox<string>({ key, send: () => Promise.reject(closed()) }).getSnapshot()).toEqual([])
  })

  it('is sent without a storage, too', async () => {
    const full = {
      getItem: () => '{',
      setItem: () => expect.unreachable,
      removeItem: () => {},
    } as unknown as Storage
    vi.spyOn(full, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    const outbox = new Outbox<string>({ key, storage: full, send: async () => ({ seq: 1 }) })
    outbox.add('a')
    await vi.advanceTimersByTimeAsync(0)
    expect(states(outbox)).toEqual(['a sent'])
  })
})

/** Any mix of losses, lost answers, refusals and reloads: written once each, in order, none vanishes. */
it.each(Array.from({ length: 60 }, (_, i) => i + 1))('ends well (seed %i)', async (seed) => {
  const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n
  const log: string[] = []
  const stored = new Map<string, number>()
  const send = async ({ client_id, draft }: Item) => {
    await new Promise((resolve) => setTimeout(resolve, random(40)))
    if (random(4) === 0) throw lost()
    if (!stored.has(client_id)) {
      log.push(draft)
      stored.set(client_id, log.length)
    }
    if (random(4) === 0) throw lost() // stored, but the answer is lost
    return { seq: stored.get(client_id)! }
  }
  let outbox = new Outbox<string>({ key, send })
  const written: string[] = []
  for (let step = 0; step < 40; step += 1) {
    if (random(2)) outbox.add(written[written.push(`m${step}`) - 1]!)
    if (random(8) === 0) {
      outbox.close()
      outbox = new Outbox<string>({ key, send })
    }
    if (random(3) === 0) outbox.resume()
    await vi.advanceTimersByTimeAsync(random(100))
  }
  outbox.resume()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(log).toEqual(written)
  expect(outbox.getSnapshot().every(({ state }) => state === 'sent')).toBe(true)
})
