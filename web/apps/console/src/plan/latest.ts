/**
 * Does `work` on the last value given, `delay_ms` after it was given, one at a time. What newer values have
 * overtaken is neither begun nor told.
 */
export class Latest<In, Out> {
  readonly #work: (value: In) => Promise<Out>
  readonly #told: (value: In, answer: PromiseSettledResult<Out>) => void
  readonly #delay_ms: number
  #next: { readonly value: In } | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #isWorking = false

  constructor(
    work: (value: In) => Promise<Out>,
    told: (value: In, answer: PromiseSettledResult<Out>) => void,
    delay_ms = 400,
  ) {
    this.#work = work
    this.#told = told
    this.#delay_ms = delay_ms
  }

  give(value: In): void {
    this.#next = { value }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#run()
    }, this.#delay_ms)
  }

  /** Nothing given so far is begun or told any more. */
  drop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#next = null
    this.#dropped += 1
  }
  #dropped = 0

  async #run(): Promise<void> {
    if (this.#isWorking || !this.#next) return
    const { value } = this.#next
    this.#next = null
    this.#isWorking = true
    const round = this.#dropped
    const [answer] = await Promise.allSettled([this.#work(value)])
    this.#isWorking = false
    if (this.#next === null && round === this.#dropped) this.#told(value, answer)
    // What was given meanwhile begins now, unless its own delay is still running.
    if (this.#timer === undefined) void this.#run()
  }
}
