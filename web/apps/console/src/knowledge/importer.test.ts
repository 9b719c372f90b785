import type { ImportArticle, ImportReport } from '@wecc/protocol'
import { WeccError } from '@wecc/realtime'
import { expect, it } from 'vitest'

import { Importer } from './importer'

const articles = Array.from({ length: 450 }, (_, at) => ({ id: `a${at}` }) as ImportArticle)
const added = (count: number): ImportReport => ({
  added: count,
  changed: 0,
  unchanged: 0,
  conflicts: [],
  refused: [],
})

it('sends batch after batch and adds up', async () => {
  const importer = new Importer()
  const done: number[] = []
  importer.subscribe(() => done.push(importer.getSnapshot()!.totals.done))
  await importer.run(articles, true, async (batch) => added(batch.length))
  expect(done).toEqual([0, 200, 400, 450, 450])
  expect(importer.getSnapshot()).toMatchObject({ isTrial: true, isRunning: false, totals: { added: 450 } })
})

it('sends nothing more once it is stopped, and keeps what was done', async () => {
  const importer = new Importer()
  let sent = 0
  await importer.run(articles, false, async (batch) => {
    sent += 1
    if (sent === 2) importer.stop()
    return added(batch.length)
  })
  expect(sent).toBe(2)
  expect(importer.getSnapshot()).toMatchObject({ isRunning: false, isStopped: true, totals: { done: 200 } })
})

it('tells how far it got when the line breaks', async () => {
  const importer = new Importer()
  await importer.run(articles, false, async (batch) => {
    if (batch[0]!.id === 'a200') throw new WeccError({ code: 'client.connection_lost' })
    return added(batch.length)
  })
  expect(importer.getSnapshot()).toMatchObject({
    isRunning: false,
    totals: { done: 200, added: 200 },
    error: { code: 'client.connection_lost' },
  })
})
