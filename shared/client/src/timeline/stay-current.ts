import { sleep, type Timers } from '../time/timers.ts'
import type { CatchUp } from './catch-up.ts'

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
  timers,
  random,
  isFirst,
  signal,
}: {
  catchUp: CatchUp
  onLive: () => void
  everyMs: number
  timers: Timers
  random: () => number
  isFirst: boolean
  signal: AbortSignal
}): Promise<void> {
  await catchUp.run(signal, isFirst ? 'connect' : 'reconnect')
  if (!signal.aborted) onLive()
  while (!signal.aborted) {
    await sleep(timers, everyMs * (0.75 + random() / 2), signal)
    await catchUp.run(signal, 'comparison')
  }
}
