import type { Failure } from '@wecc/protocol'

/** What went wrong, by a stable code; the text on screen is translated from it. */
export class WeccError extends Error {
  override readonly name = 'WeccError'
  readonly code: string
  readonly retryable: boolean
  readonly data: Readonly<Record<string, unknown>>

  constructor(failure: Pick<Failure, 'code'> & Partial<Failure>) {
    super(failure.message ?? failure.code)
    this.code = failure.code
    this.retryable = failure.retryable ?? false
    this.data = failure.data ?? {}
  }

  /** Anything thrown, as a WeccError; what is not one is `internal`. */
  static from(thrown: unknown): WeccError {
    return thrown instanceof WeccError
      ? thrown
      : new WeccError({
          code: 'internal',
          message: thrown instanceof Error ? thrown.message : String(thrown),
        })
  }
}
