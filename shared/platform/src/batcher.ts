import { setTimeout as sleep } from 'node:timers/promises'
import { ParleyError } from './parley-error.ts'
import { OwnError } from './own-error.ts'

/** Gives each item its own result, although items are handled in batches. */
export interface Batcher<T, R> {
  /** @throws ParleyError `overloaded` when the item would wait, or has waited, beyond the bounds: it was not begun */
  add(item: T): Promise<R>
  /** Resolves once nothing waits and nothing is under way. */
  idle(): Promise<void>
}

interface Waiting<T, R> {
  readonly item: T
  readonly since: number
  readonly settled: PromiseWithResolvers<R>
}

/**
 * Groups work: what arrives in one turn of the event loop, or while a batch is under way, becomes the next batch.
 * One batch runs at a time, so order is kept. Nothing waits on a timer when there is little to do.
 *
 * @param run handles a batch and returns one result per item, in order; a settled result fails one item, a
 *   rejection fails the whole batch
 * @param maxSize the most items in one batch
 * @param maxWaiting how many may wait for their batch; those under way do not count
 * @param maxWaitMs how long an item may wait for its batch
 * @param paceMs the least time from the beginning of a batch to that of the next one, for batches that cost much
 *   whatever their size: what comes faster shares one, and what comes alone does not wait
 * @param paceSingles false: after a batch of one the next one begins at once, so that somebody who adds one thing
 *   after the other, alone, is not slowed down
 */
export function createBatcher<T, R>(
  run: (items: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>,
  {
    maxSize,
    maxWaiting = Infinity,
    maxWaitMs = Infinity,
    paceMs = 0,
    paceSingles = true,
  }: {
    maxSize: number
    maxWaiting?: number
    maxWaitMs?: number
    paceMs?: number
    paceSingles?: boolean
  },
): Batcher<T, R> {
  let waiting: Waiting<T, R>[] = []
  let running: Promise<void> | undefined
  let lateness: NodeJS.Timeout | undefined
  let pacedUntil = -Infinity

  /** Looks again when the oldest one that waits will have waited too long. */
  function watchOldest(): void {
    const [oldest] = waiting
    if (lateness !== undefined || oldest === undefined || maxWaitMs === Infinity) return
    lateness = setTimeout(refuseLate, Math.max(0, oldest.since + maxWaitMs - performance.now()))
  }

  function refuseLate(): void {
    lateness = undefined
    // A timer may be a millisecond early.
    const due = performance.now() - maxWaitMs + 1
    const late = waiting.filter(({ since }) => since <= due)
    waiting = waiting.slice(late.length)
    for (const { settled } of late) settled.reject(overloaded())
    watchOldest()
  }

  async function drain(): Promise<void> {
    // With a synchronous store nothing arrives during a batch, so the rest of this turn is collected first.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const early = pacedUntil - performance.now()
      if (early > 0 && waiting.length < maxSize) await sleep(early)
      const batch = waiting.slice(0, maxSize)
      waiting = waiting.slice(maxSize)
      pacedUntil = paceSingles || batch.length > 1 ? performance.now() + paceMs : -Infinity
      try {
        const results = await run(batch.map(({ item }) => item))
        batch.forEach(({ settled }, index) => {
          const result = results[index]
          if (result?.status === 'fulfilled') settled.resolve(result.value)
          else settled.reject(result?.reason ?? new OwnError('the batch has no result for this item'))
        })
      } catch (error) {
        for (const { settled } of batch) settled.reject(error)
      }
      await new Promise(setImmediate)
    }
    running = undefined
    clearTimeout(lateness)
    lateness = undefined
  }

  return {
    add(item) {
      if (waiting.length >= maxWaiting) return Promise.reject(overloaded())
      const settled = Promise.withResolvers<R>()
      waiting.push({ item, since: performance.now(), settled })
      watchOldest()
      running ??= drain()
      return settled.promise
    },
    async idle() {
      await running
    },
  }
}

const overloaded = (): ParleyError => new ParleyError('overloaded', { retryAfterSeconds: 1 })
