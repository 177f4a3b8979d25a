import { isTokenProblem } from '../client-error.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { Call } from '../http/call.ts'
import { linkAbort } from '../time/abort.ts'
import type { Backoff } from '../time/backoff.ts'
import { sleep, type Timers } from '../time/timers.ts'
import type { Session } from './session.ts'

/** After which an answer that the token is too old is believed. */
const mostTries = 4

/**
 * Calls as the user. When the server finds the token too old, exchanges it and calls again: at once, and then with
 * gaps, since it was not the token if a newer one is refused as well. Behind one address there may be a replica whose
 * clock is wrong, and others whose clock is right.
 */
export function createAuthorizedCall({
  http,
  session,
  timers,
  backoff,
  closing,
}: {
  http: HttpClient
  session: Session
  timers: Timers
  backoff: Backoff
  closing: AbortSignal
}): Call {
  async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const abort = linkAbort(signal, closing)
    await sleep(timers, ms, abort.signal)
    abort.release()
  }

  return async (method, path, request, signal) => {
    for (let tries = 1; ; tries += 1) {
      const token = await session.accessToken()
      try {
        return await http.as(token)(method, path, request, signal)
      } catch (error) {
        if (!isTokenProblem(error) || tries === mostTries) throw error
        await session.refused(token)
        if (tries > 1) await pause(backoff(tries - 2), signal)
      }
    }
  }
}
