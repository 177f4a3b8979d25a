import type { Timers } from '../time/timers.ts'

/** Timers whose time passes only when a test says so. */
export interface ManualTimers extends Timers {
  readonly pending: number
  /** Goes to the time of the next timer and runs it; false when there is none. */
  runNext(): boolean
}

export function createManualTimers(): ManualTimers {
  const waiting = new Set<{ at: number; run: () => void }>()
  let now = 1_000_000

  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      waiting.add(timer)
      return () => void waiting.delete(timer)
    },
    get pending() {
      return waiting.size
    },
    runNext() {
      const [next] = [...waiting].toSorted((a, b) => a.at - b.at)
      if (next === undefined) return false
      waiting.delete(next)
      now = Math.max(now, next.at)
      next.run()
      return true
    },
  }
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
