import type { Timers } from '../time/timers.ts'

/** Timers whose time passes only when a test says so. */
export interface ManualTimers extends Timers {
  readonly pending: number
  /** Goes to the time of the next timer and runs it; false when there is none. */
  runNext(): boolean
  /** Lets so much time pass, and runs what is due then. */
  pass(ms: number): void
}

export function createManualTimers(): ManualTimers {
  const waiting = new Set<{ at: number; run: () => void }>()
  let now = 1_000_000

  const manual: ManualTimers = {
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
    pass(ms) {
      const until = now + ms
      while ([...waiting].some(({ at }) => at <= until)) manual.runNext()
      now = until
    },
  }
  return manual
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
