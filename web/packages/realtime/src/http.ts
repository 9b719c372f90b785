import { WeccError } from './error'

export interface HttpOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Asks the REST interface; answers the decoded JSON (undefined for 204). Throws `WeccError`. */
export async function http<T>(path: string, options: HttpOptions = {}): Promise<T> {
  const response = await httpResponse(path, options)
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** Like `http`, but answers a file. */
export async function httpBlob(path: string, options: HttpOptions = {}): Promise<Blob> {
  return (await httpResponse(path, options)).blob()
}

async function httpResponse(path: string, options: HttpOptions): Promise<Response> {
  const { method = 'GET', body, headers = {}, signal } = options
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (thrown) {
    throw signal?.aborted
      ? new WeccError({ code: 'client.aborted' })
      : new WeccError({ code: 'client.connection_lost', retryable: true, message: String(thrown) })
  }
  if (!response.ok) throw problem(response.status, await response.text())
  return response
}

/** The error of an `application/problem+json` answer, or the best guess when a proxy answered instead. */
export function problem(status: number, text: string): WeccError {
  try {
    const { code, title, retryable, data } = JSON.parse(text)
    if (typeof code === 'string') return new WeccError({ code, message: title, retryable, data: data ?? {} })
  } catch {
    // not ours
  }
  if (status === 413) return new WeccError({ code: 'request.too_large' })
  return status >= 500 || status === 429
    ? new WeccError({ code: 'service.unavailable', retryable: true })
    : new WeccError({ code: 'internal', message: `HTTP ${status}` })
}
