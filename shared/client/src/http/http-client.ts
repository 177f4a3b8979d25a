import { operationAddress } from '@parley/contracts/operation-address.ts'
import { ParleyClientError, toClientError } from '../client-error.ts'
import { linkAbort } from '../time/abort.ts'
import type { Timers } from '../time/timers.ts'
import type { Call } from './call.ts'

export type Fetch = typeof globalThis.fetch

export interface HttpClient {
  /** How to call with this access token, or without one. */
  as(token: string | undefined): Call
}

interface AnyRequest {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
}

/**
 * Calls a Parley server, once per call. Rejects with a `ParleyClientError`, or with the reason of `signal`.
 * @param timeoutMs after which a call without an answer counts as failed
 * @param closing ends all calls, with its reason
 */
export function createHttpClient({
  url,
  fetch,
  timers,
  timeoutMs,
  closing,
}: {
  url: string
  fetch: Fetch
  timers: Timers
  timeoutMs: number
  closing: AbortSignal
}): HttpClient {
  async function send(target: URL, init: RequestInit): Promise<{ ok: boolean; body: unknown }> {
    const response = await fetch(target, init)
    const text = await response.text()
    return { ok: response.ok, body: text === '' ? undefined : JSON.parse(text) }
  }

  const as = (token: string | undefined): Call =>
    (async (method: string, path: string, request: AnyRequest, signal?: AbortSignal) => {
      closing.throwIfAborted()
      const abort = linkAbort(signal, closing)
      const cancelTimeout = timers.after(timeoutMs, () => abort.abort(new Error('timed out')))
      let answer
      try {
        answer = await send(operationAddress(url, path, request), {
          method: method.toUpperCase(),
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
          signal: abort.signal,
        })
      } catch (error) {
        signal?.throwIfAborted()
        closing.throwIfAborted()
        throw new ParleyClientError('unavailable', { cause: error })
      } finally {
        cancelTimeout()
        abort.release()
      }
      if (!answer.ok) throw toClientError(answer.body)
      return answer.body
      // Sound as far as the server keeps the contract; checking it would put zod into an app's bundle.
    }) as Call

  return { as }
}
