import type { Sender } from '@wecc/protocol'

import { Store } from './store'

const REPEAT_MS = 3_000
const EXPIRY_MS = 6_000

/** Says that one is typing: at most every 3 s while keys are pressed, and once when it stops. */
export class TypingSignal {
  readonly #send: (isTyping: boolean) => void
  #sent_ms: number | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (isTyping: boolean) => void) {
    this.#send = send
  }

  /** After every change of the text by hand. */
  typed(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stop(), EXPIRY_MS)
    const now_ms = Date.now()
    if (this.#sent_ms !== null && now_ms - this.#sent_ms < REPEAT_MS) return
    this.#sent_ms = now_ms
    this.#send(true)
  }

  /** The text was sent or emptied, or the field left. */
  stop(): void {
    clearTimeout(this.#timer)
    if (this.#sent_ms === null) return
    this.#sent_ms = null
    this.#send(false)
  }
}

/** Who is typing now. Without news for 6 s it is over. */
export class TypingSenders extends Store<readonly Sender[]> {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor() {
    super([])
  }

  heard(sender: Sender, isTyping: boolean): void {
    const key = `${sender.kind}:${sender.id}`
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    const others = this.getSnapshot().filter((one) => `${one.kind}:${one.id}` !== key)
    if (isTyping) {
      this.#timers.set(
        key,
        setTimeout(() => this.heard(sender, false), EXPIRY_MS),
      )
      if (others.length === this.getSnapshot().length) this.set([...others, sender])
    } else if (others.length < this.getSnapshot().length) this.set(others)
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    if (this.getSnapshot().length) this.set([])
  }
}
