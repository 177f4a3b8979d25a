import { operationAddress } from '@parley/contracts/operation-address.ts'
import { ParleyClientError, toClientError } from '../client-error.ts'
import { linkAbort } from '../time/abort.ts'
import type { Timers } from '../time/timers.ts'
import type { Call } from './call.ts'
import { readText } from './read-text.ts'

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
 * @param silenceMs after which a call counts as failed of which nothing came: an answer may take as long as it
 *   keeps coming, and a request as long as 1 kB/s brings it there
 * @param closing ends all calls, with its reason
 */
export function createHttpClient({
  url,
  fetch,
  timers,
  silenceMs,
  closing,
}: {
  url: string
  fetch: Fetch
  timers: Timers
  silenceMs: number
  closing: AbortSignal
}): HttpClient {
  async function send(
    target: URL,
    init: RequestInit,
    onBytes: () => void,
  ): Promise<{ ok: boolean; body: unknown }> {
    const response = await fetch(target, init)
    onBytes()
    const text = await readText(response, onBytes)
    return { ok: response.ok, body: text === '' ? undefined : JSON.parse(text) }
  }

  const as = (token: string | undefined): Call =>
    (async (method: string, path: string, request: AnyRequest, signal?: AbortSignal) => {
      closing.throwIfAborted()
      const abort = linkAbort(signal, closing)
      const body = request.body === undefined ? undefined : JSON.stringify(request.body)
      const giveUp = (): void => abort.abort(new Error('timed out'))
      let cancelTimeout = timers.after(silenceMs + (body?.length ?? 0), giveUp)
      const onBytes = (): void => {
        cancelTimeout()
        cancelTimeout = timers.after(silenceMs, giveUp)
      }
      let answer
      try {
        const init = {
          method: method.toUpperCase(),
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body }),
          signal: abort.signal,
        }
        answer = await send(operationAddress(url, path, request), init, onBytes)
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
