import type { ImportArticle, ImportReport } from '@wecc/protocol'
import { Store, WeccError } from '@wecc/realtime'

import { inBatches, type ImportTotals, nothingYet, plus } from './import'
import { send } from './use-act'

export interface ImportRun {
  readonly isTrial: boolean
  readonly isRunning: boolean
  readonly isStopped: boolean
  readonly all: number
  readonly totals: ImportTotals
  readonly error: WeccError | null
}

type Send = (articles: readonly ImportArticle[], isTrial: boolean) => Promise<ImportReport>

/** Sends articles batch by batch; can be stopped between two. What was done stays done. */
export class Importer extends Store<ImportRun | null> {
  #round = 0

  constructor() {
    super(null)
  }

  async run(articles: readonly ImportArticle[], isTrial: boolean, sendBatch: Send): Promise<void> {
    const round = (this.#round += 1)
    let run: ImportRun = {
      isTrial,
      isRunning: true,
      isStopped: false,
      all: articles.length,
      totals: nothingYet,
      error: null,
    }
    this.set(run)
    try {
      for (const batch of inBatches(articles)) {
        const report = await sendBatch(batch, isTrial)
        if (round !== this.#round) return
        run = { ...run, totals: plus(run.totals, report, batch.length) }
        this.set(run)
      }
      this.set({ ...run, isRunning: false })
    } catch (thrown) {
      if (round === this.#round) this.set({ ...run, isRunning: false, error: WeccError.from(thrown) })
    }
  }

  /** The batch under way is still done by the server; the next is not sent. */
  stop(): void {
    this.#round += 1
    const run = this.getSnapshot()
    if (run?.isRunning) this.set({ ...run, isRunning: false, isStopped: true })
  }

  clear(): void {
    this.stop()
    this.set(null)
  }
}

export const sendImport =
  (reviewer_ids: readonly string[]): Send =>
  (articles, is_trial) =>
    send<ImportReport>('POST', 'imports', { articles, is_trial, reviewer_ids })
