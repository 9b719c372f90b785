import type { AgentNotices, AgentRequests, Floor, PlanView } from '@wecc/protocol'
import { type Connection, Store } from '@wecc/realtime'

import { clock } from '../desk/clock'
import { CALM_MS, coalesce } from './coalesce'
import { settled } from './standing'

export interface FloorView {
  readonly floor: Floor | null
  readonly plan: PlanView | null
  /** Null while the figures are live; else the server's time when they last were. */
  readonly asOf_ms: number | null
  /** Why there is nothing to see. */
  readonly error: unknown
  /** How often watching began: each time, what happened in between is missing from the charts. */
  readonly round: number
}

type Line = Pick<Connection<AgentRequests, AgentNotices>, 'on' | 'request' | 'subscribe' | 'getSnapshot'>

/** The floor as the server tells it: watched again after every reconnect, said to be old when it is. */
export class FloorWatch extends Store<FloorView> {
  readonly #line: Line
  readonly #take = coalesce<Floor>((floor) => this.#show(floor), CALM_MS)
  #attempt = 0

  constructor(line: Line) {
    super({ floor: null, plan: null, asOf_ms: null, error: null, round: 0 })
    this.#line = line
  }

  /** Watches until the returned function is called. */
  start(): () => void {
    const line = this.#line
    const ends = [
      line.on('floor:changed', (floor) => this.#take(floor)),
      line.on('plan:changed', () => void this.#readPlan()),
      line.subscribe(() => this.#lineChanged()),
    ]
    this.#lineChanged()
    return () => {
      this.#attempt += 1
      for (const end of ends) end()
      this.#take.cancel()
      if (line.getSnapshot().kind === 'online') line.request('floor:unwatch', {}).catch(() => undefined)
    }
  }

  /** Tries again after an error. */
  async watch(): Promise<void> {
    const attempt = ++this.#attempt
    try {
      const [floor, plan] = await Promise.all([
        this.#line.request('floor:watch', {}),
        this.#line.request('plan:read', {}),
      ])
      if (attempt !== this.#attempt) return
      this.#take.cancel()
      const { floor: known, round } = this.getSnapshot()
      this.set({
        floor: settled(known, floor),
        plan,
        asOf_ms: null,
        error: null,
        round: round + 1,
      })
    } catch (error) {
      if (attempt === this.#attempt) this.set({ ...this.getSnapshot(), error })
    }
  }

  #lineChanged(): void {
    if (this.#line.getSnapshot().kind === 'online') return void this.watch()
    const view = this.getSnapshot()
    this.#attempt += 1
    this.#take.cancel()
    if (view.floor && view.asOf_ms === null) this.set({ ...view, error: null, asOf_ms: clock.now_ms })
  }

  #show(floor: Floor): void {
    const view = this.getSnapshot()
    if (!view.floor || view.asOf_ms !== null || floor.at_ms < view.floor.at_ms) return
    this.set({ ...view, floor: settled(view.floor, floor) })
  }

  async #readPlan(): Promise<void> {
    const attempt = this.#attempt
    const plan = await this.#line.request('plan:read', {}).catch(() => null) // the old names still serve
    if (plan && attempt === this.#attempt) this.set({ ...this.getSnapshot(), plan })
  }
}
