import { sleep, type Timers } from '../time/timers.ts'
import type { CatchUp } from './catch-up.ts'

/**
 * Compares from time to time while there is no socket, for entries would not come at all then. Ends with the
 * signal.
 * @param afterMs before the first one: in a moment most sockets are back
 * @param onPolled told after each comparison
 */
export async function poll({
  catchUp,
  onPolled,
  afterMs,
  everyMs,
  timers,
  random,
  signal,
}: {
  catchUp: CatchUp
  onPolled: () => void
  afterMs: number
  everyMs: number
  timers: Timers
  random: () => number
  signal: AbortSignal
}): Promise<void> {
  const pause = (ms: number): Promise<void> => sleep(timers, ms * (0.75 + random() / 2), signal)
  await pause(afterMs)
  while (!signal.aborted) {
    await catchUp.run(signal, 'poll')
    if (!signal.aborted) onPolled()
    await pause(everyMs)
  }
}
