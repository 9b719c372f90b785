import { Store } from '@wecc/realtime'

/** The server's time, ticking once a second: what ages and deadlines are measured by. */
class ServerClock extends Store<number> {
  #offset_ms = 0
  #timer: ReturnType<typeof setInterval> | undefined

  /** Told by an answer of the server that has just arrived. */
  set now_ms(now_ms: number) {
    this.#offset_ms = now_ms - Date.now()
    this.#tick()
  }

  get now_ms(): number {
    return Date.now() + this.#offset_ms
  }

  start(): () => void {
    this.#timer ??= setInterval(() => this.#tick(), 1000)
    return () => {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #tick(): void {
    this.set(this.now_ms)
  }
}

export const clock = new ServerClock(Date.now())
