import { linkAbort } from '../time/abort.ts'
import { sleep, type Timers } from '../time/timers.ts'
import type { CatchUp } from './catch-up.ts'

/** Lets the next comparison come at once; one that is under way is followed by another one. */
export function createHurry() {
  let isAsked = false
  let wake: (() => void) | undefined
  return {
    now(): void {
      isAsked = true
      wake?.()
    },
    async wait(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
      const waiting = linkAbort(signal)
      wake = () => waiting.abort()
      if (!isAsked) await sleep(timers, ms, waiting.signal)
      waiting.release()
      isAsked = false
    },
  }
}

/**
 * Catches up, says when that is done, and compares again from time to time: a socket that looks fine may
 * have lost something, and would never tell. Ends with the signal.
 * @param isFirst whether the client has not been live before
 * @param everyMs between two comparisons, more or less, so that clients do not compare in step
 */
export async function stayCurrent({
  catchUp,
  onLive,
  everyMs,
  hurry,
  timers,
  random,
  isFirst,
  signal,
}: {
  catchUp: CatchUp
  onLive: () => void
  everyMs: number
  hurry: ReturnType<typeof createHurry>
  timers: Timers
  random: () => number
  isFirst: boolean
  signal: AbortSignal
}): Promise<void> {
  await catchUp.run(signal, isFirst ? 'connect' : 'reconnect')
  if (!signal.aborted) onLive()
  while (!signal.aborted) {
    await hurry.wait(timers, everyMs * (0.75 + random() / 2), signal)
    await catchUp.run(signal, 'comparison')
  }
}
