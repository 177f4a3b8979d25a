import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import { isRetryable, retryAfterMs } from '../client-error.ts'
import type { Backoff } from '../time/backoff.ts'
import { sleep, type Timers } from '../time/timers.ts'
import { countResync, type Resync, type ResyncCount } from './resync.ts'
import type { Epoch } from './epoch.ts'
import type { Head, Timelines } from './timelines.ts'

/**
 * Finds out what was missed, by comparing heads with the server.
 *
 * Guarantee: the cursor moves only after everything that the server told up to it has been handed out, so
 * neither a lost connection nor a crash of the app skips anything: it is told again.
 */
export interface CatchUp {
  /** Where the next comparison starts; undefined before the first one is done. */
  readonly cursor: string | undefined
  /** Compares, as often as it takes. Resolves once all is handed out, or the signal is aborted. */
  run(signal: AbortSignal, cause: Resync['cause']): Promise<void>
}

/**
 * @param onBegin told when it is known where to begin, just before: what is read from then on leaves no gap
 * @param onResync told after each run that brought something, and after each that a connection began with
 */
export function createCatchUp({
  cursor: begunAt,
  epoch,
  getHeads,
  timelines,
  onBegin = () => undefined,
  onResync,
  onFailure,
  timers,
  backoff,
}: {
  cursor: string | undefined
  epoch: Epoch
  getHeads: (cursor: string | undefined, signal: AbortSignal) => Promise<HeadsResponse>
  timelines: Timelines
  onBegin?: () => void
  onResync: (resync: Resync) => void
  onFailure: (error: unknown) => void
  timers: Timers
  backoff: Backoff
}): CatchUp {
  let cursor = begunAt

  let cursorOf = epoch.restarts

  /** Of other data than before, a cursor means nothing. */
  const knownCursor = (): string | undefined => (cursorOf === epoch.restarts ? cursor : undefined)

  /** All heads since the cursor; of one and the same data. */
  async function readHeads(signal: AbortSignal): Promise<{ heads: Head[]; next: string | undefined }> {
    const of = epoch.restarts
    const heads: Head[] = []
    let next = knownCursor()
    let page
    do {
      page = await getHeads(next, signal)
      if (signal.aborted) break
      epoch.check(page.epoch)
      if (epoch.restarts !== of) return readHeads(signal)
      heads.push(...page.heads)
      next = page.cursor
    } while (page.more)
    return { heads, next }
  }

  async function compare(signal: AbortSignal, count: ResyncCount): Promise<void> {
    const { heads, next } = await readHeads(signal)
    const of = epoch.restarts
    if (signal.aborted) return
    if (!timelines.begun) {
      onBegin()
      timelines.begin(heads)
    }
    // Also at the beginning, for what arrived while the heads were on their way.
    await Promise.all(heads.map((head) => timelines.reach(head, count)))
    if (epoch.restarts !== of) return compare(signal, count)
    if (signal.aborted) return
    cursor = next
    cursorOf = of
  }

  return {
    get cursor() {
      return knownCursor()
    },
    async run(signal, cause) {
      const count = countResync(cause, timers)
      for (let failures = 0; !signal.aborted; failures += 1) {
        try {
          await compare(signal, count)
          break
        } catch (error) {
          if (signal.aborted) break
          onFailure(error)
          // A cursor that the server does not take (any more): comparing everything is dearer, and as good.
          if (!isRetryable(error)) cursor = undefined
          await sleep(timers, backoff(failures, retryAfterMs(error)), signal)
        }
      }
      // Also when it was broken off, for what it brought until then.
      const resync = count.result()
      if (resync.entries > 0 || (cause !== 'comparison' && !signal.aborted)) onResync(resync)
    },
  }
}
