/** Codes a face has words for. The server may send others: they get the general text. */
export const errorCodes = [
  'request.invalid',
  'request.unknown',
  'request.not_found',
  'request.forbidden',
  'request.too_large',
  'request.rate_limited',
  'session.required',
  'service.unavailable',
  'internal',
  'sign_in.refused',
  'sign_in.locked',
  'identity.token_invalid',
  'conversation.closed',
  'conversation.not_yours',
  'conversation.client_id_conflict',
  'attachment.type_refused',
  'attachment.damaged',
  'routing.offer_gone',
  'routing.not_served',
  'routing.unknown_work',
  'transfer.target_unavailable',
  'client.timeout',
  'client.connection_lost',
  'client.aborted',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export const isErrorCode = (code: string): code is ErrorCode =>
  (errorCodes as readonly string[]).includes(code)

export interface Failure {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly data: Readonly<Record<string, unknown>>
}

/** How every socket request is acknowledged. */
export type Result<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly error: Failure }

/** Shape of `VisitorRequests` and `AgentRequests`. */
export type Requests<R> = { readonly [K in keyof R]: { takes: unknown; answers: unknown } }

/** The locales WECC speaks. */
export type Locale = 'zh-CN' | 'en'
