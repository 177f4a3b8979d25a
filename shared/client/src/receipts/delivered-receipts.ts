import { isRetryable, retryAfterMs } from '../client-error.ts'
import type { Backoff } from '../time/backoff.ts'
import type { Limiter } from '../time/limiter.ts'
import { sleep, type Timers } from '../time/timers.ts'

/**
 * Tells the server how far entries were delivered: one call at a time per conversation, and what happens
 * during a call is told by the next one, whose number stands for all before it.
 */
export interface DeliveredReceipts {
  note(conversationId: string, seq: number): void
  /** Nothing of what was noted is to be told any more. */
  forget(): void
  /** Allows telling, and tells what was noted before; until aborted. */
  resume(signal: AbortSignal): void
}

export function createDeliveredReceipts({
  advance,
  onRefused,
  limit,
  timers,
  backoff,
}: {
  advance: (conversationId: string, delivered: number) => Promise<unknown>
  onRefused: (error: unknown) => void
  limit: Limiter
  timers: Timers
  backoff: Backoff
}): DeliveredReceipts {
  const untold = new Map<string, number>()
  const telling = new Set<string>()
  let running: AbortSignal | undefined

  async function tell(conversationId: string): Promise<void> {
    if (telling.has(conversationId)) return
    telling.add(conversationId)
    let failures = 0
    for (let seq = untold.get(conversationId); seq !== undefined; seq = untold.get(conversationId)) {
      if (running === undefined || running.aborted) break
      const told = seq
      const forget = (): void => {
        if (untold.get(conversationId) === told) untold.delete(conversationId)
      }
      try {
        await limit(() => advance(conversationId, told))
        failures = 0
        forget()
      } catch (error) {
        if (isRetryable(error)) await sleep(timers, backoff(failures, retryAfterMs(error)), running)
        else {
          forget()
          onRefused(error)
        }
        failures += 1
      }
    }
    telling.delete(conversationId)
  }

  return {
    note(conversationId, seq) {
      untold.set(conversationId, seq)
      void tell(conversationId)
    },
    forget: () => untold.clear(),
    resume(signal) {
      running = signal
      for (const conversationId of untold.keys()) void tell(conversationId)
    },
  }
}
