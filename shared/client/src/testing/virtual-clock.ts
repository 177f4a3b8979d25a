import type { Timers } from '../time/timers.ts'
import { settle } from './manual-timers.ts'

/** Timers of one owner, which a test can ask whether it left any behind. */
export interface OwnTimers extends Timers {
  readonly pending: number
}

/** Time that passes only as a test says, for several owners of timers. */
export interface VirtualClock {
  readonly now: () => number
  timers(): OwnTimers
  /** Lets `ms` pass: what is due runs in order, each with everything that follows from it at that moment. */
  pass(ms: number): Promise<void>
}

interface Due {
  readonly at: number
  readonly owner: object
  readonly run: () => void
}

export function createVirtualClock(): VirtualClock {
  const waiting = new Set<Due>()
  let now = 1_000_000

  /** The first one, and of several at one moment the one that was set first. */
  function next(until: number): Due | undefined {
    let first: Due | undefined
    for (const due of waiting) {
      if (due.at <= until && (first === undefined || due.at < first.at)) first = due
    }
    return first
  }

  return {
    now: () => now,
    timers() {
      const owner = {}
      return {
        now: () => now,
        after(ms, run) {
          const due = { at: now + Math.max(0, ms), owner, run }
          waiting.add(due)
          return () => void waiting.delete(due)
        },
        get pending() {
          return [...waiting].filter((due) => due.owner === owner).length
        },
      }
    },
    async pass(ms) {
      const until = now + ms
      await settle()
      for (let due = next(until); due !== undefined; due = next(until)) {
        waiting.delete(due)
        now = Math.max(now, due.at)
        due.run()
        await settle()
      }
      now = until
    },
  }
}
