import { ParleyClientError, retryAfterMs } from '@parley/client/client-error.ts'

/** The server says when it is worth to ask again; not all that wait for that moment come at once. */
const jitterMs = 500

const isTooOften = (error: unknown): error is ParleyClientError =>
  error instanceof ParleyClientError && (error.code === 'rate-limited' || error.code === 'overloaded')

/**
 * Asks, and again for as long as the server says that it was asked too much: it says when to come back, and nothing is
 * lost by waiting. Whatever else goes wrong is the caller's.
 * @param signal ends the waiting, with its reason
 * @param onWait told each time, before it waits
 */
export async function askPatiently<Result>(
  ask: () => Promise<Result>,
  { signal, onWait }: { signal?: AbortSignal; onWait?: (why: ParleyClientError) => void } = {},
): Promise<Result> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      signal?.throwIfAborted()
      if (!isTooOften(error)) throw error
      onWait?.(error)
      await pause(Math.max(jitterMs, retryAfterMs(error)) + Math.random() * jitterMs)
      signal?.throwIfAborted()
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
