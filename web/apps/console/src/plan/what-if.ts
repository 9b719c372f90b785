import type { RoutingPlan, WhatIfChanged, WhatIfFigures } from '@wecc/protocol'
import { http, Store, WeccError } from '@wecc/realtime'

import type { Line } from '../desk/thread'
import type { Fields } from './fields'

/** `failure`: the server's, or `lost` when nothing was heard of it any more, or the code of a refusal. */
export interface Trial {
  readonly id: string
  /** The draft it tries, and the version it compares with. */
  readonly of: Fields
  readonly version: number
  readonly day: string
  readonly requests: number
  readonly progress: number
  readonly isOver: boolean
  readonly failure: string
  readonly now: WhatIfFigures | null
  readonly then: WhatIfFigures | null
}

const SILENT_MS = 30_000
/** A day's traffic is read before the start is answered. */
const START_MS = 60_000

/** A replay of a day's traffic under the draft and the plan in force. One at a time. */
export class WhatIf extends Store<Trial | null> {
  readonly #line: Line
  /** What arrived before the start was answered, by id. */
  readonly #early = new Map<string, WhatIfChanged>()
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(line: Line) {
    super(null)
    this.#line = line
    line.on('whatif:changed', (notice) => {
      if (notice.id === this.getSnapshot()?.id) this.#hear(notice)
      else if (this.getSnapshot()?.id === '') this.#early.set(notice.id, notice)
    })
  }

  async start(plan: RoutingPlan, of: Fields, version: number, day: string): Promise<void> {
    this.#early.clear()
    const begun: Trial = {
      id: '',
      of,
      version,
      day,
      requests: 0,
      progress: 0,
      isOver: false,
      failure: '',
      now: null,
      then: null,
    }
    this.set(begun)
    try {
      const started = await http<WhatIfChanged>('/api/v1/routing/what-ifs', {
        method: 'POST',
        body: { plan, day },
        signal: AbortSignal.timeout(START_MS),
      })
      if (this.getSnapshot() !== begun) return void (started.is_over || this.#stop(started.id))
      this.set({ ...begun, id: started.id })
      this.#hear(this.#early.get(started.id) ?? started)
    } catch (thrown) {
      if (this.getSnapshot() === begun)
        this.set({ ...begun, isOver: true, failure: WeccError.from(thrown).code })
    }
  }

  /** Stops the one under way, or clears what came of the last. */
  clear(): void {
    clearTimeout(this.#silence)
    const trial = this.getSnapshot()
    this.set(null)
    if (trial && trial.id && !trial.isOver) this.#stop(trial.id)
  }

  #stop(id: string): void {
    this.#line.request('whatif:stop', { id }).catch(() => undefined) // it ends by itself
  }

  #hear({ day, requests, progress, is_over, failure, now, then }: WhatIfChanged): void {
    const trial = this.getSnapshot()
    if (!trial || trial.isOver) return
    this.set({ ...trial, day, requests, progress, isOver: is_over, failure, now, then })
    this.#listen()
  }

  #listen(): void {
    clearTimeout(this.#silence)
    if (this.getSnapshot()?.isOver !== false) return
    this.#silence = setTimeout(() => {
      const trial = this.getSnapshot()
      if (trial && !trial.isOver) this.set({ ...trial, isOver: true, failure: 'lost' })
    }, SILENT_MS)
  }
}
