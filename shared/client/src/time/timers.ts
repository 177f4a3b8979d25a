/** Time as the client needs it, so that tests can be its master. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls once, after `ms` milliseconds; returns how to call it off. */
  after(ms: number, run: () => void): () => void
}

/** A longer timeout overflows and fires at once. */
const longestMs = 2 ** 31 - 1

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestMs))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` milliseconds, or as soon as `signal` is aborted: look at it afterwards. */
export function sleep(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const wake = (): void => {
      cancel()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = timers.after(ms, wake)
    signal.addEventListener('abort', wake)
  })
}
