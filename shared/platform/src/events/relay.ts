import { type Failpoints, noFailpoints } from '../failpoints.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createBatcher } from '../batcher.ts'
import type { EventBus } from './event-bus.ts'
import { type Lease, soleLease } from './lease.ts'
import type { Outbox, PendingEvent } from './outbox.ts'

/**
 * Moves events from an outbox to the bus.
 *
 * Guarantees: an event is marked only after the bus has it, so it is published at least once, whatever
 * crashes in between; an event that cannot be published delays no other one, and is tried again with
 * growing gaps for as long as it is pending; memory is bounded, since what does not fit is left to the sweep.
 */
export interface Relay {
  /** Publishes soon what was just committed, without reading it back from the outbox. */
  offer(pending: readonly PendingEvent[]): void
  /** Publishes what is pending in the outbox: what a crash, an outage or a full buffer left behind. */
  sweep(): Promise<void>
  /** Sweeps, now and from now on. Call it once the bus has its subscribers. */
  start(): Promise<void>
  /** Resolves once everything that was offered so far is published and marked, or has failed. */
  idle(): Promise<void>
  /** Stops sweeping and waits until idle. */
  close(): Promise<void>
}

const firstGapMs = 500
const longestGapMs = 10_000
/** A mark spares the sweep an event that is seconds old, so it need not be quick; one write marks many. */
const markingPaceMs = 100

/**
 * @param name of the outbox, in logs and metrics
 * @param lease for sweeping, where several processes share the outbox: one of them sweeps for all. Each
 *   publishes what it is offered, lease or not
 * @param sweepMs time between two sweeps
 * @param maxBuffered how many offered events may wait in memory
 */
export function createRelay({
  name,
  outbox,
  bus,
  logger,
  metrics,
  lease = soleLease,
  sweepMs = 1_000,
  windowSize = 200,
  maxBuffered = 10_000,
  failpoints = noFailpoints,
}: {
  name: string
  outbox: Outbox
  bus: EventBus
  logger: Logger
  metrics: RelayMetrics
  lease?: Lease
  sweepMs?: number
  windowSize?: number
  maxBuffered?: number
  failpoints?: Failpoints
}): Relay {
  const inFlight = new Set<string>()
  const failed = new Map<string, { attempts: number; notBefore: number }>()

  const publishing = createBatcher(publishWindow, { maxSize: windowSize })
  const marking = createBatcher(markWindow, { maxSize: windowSize * 10, paceMs: markingPaceMs })

  /** Publishes a window at once; only when that fails, one by one, to find out which event is at fault. */
  async function publishWindow(window: readonly PendingEvent[]): Promise<PromiseSettledResult<void>[]> {
    try {
      await bus.publish(window.map(({ event }) => event))
      failpoints.hit('after-publish')
      return window.map(() => ({ status: 'fulfilled', value: undefined }))
    } catch (error) {
      const results: PromiseSettledResult<void>[] =
        window.length === 1
          ? [{ status: 'rejected', reason: error }]
          : await Promise.allSettled(window.map(({ event }) => bus.publish([event])))
      reportFailures(window, results)
      return results
    }
  }

  /** One line for a window: in an outage all of its events fail, for one reason. */
  function reportFailures(
    window: readonly PendingEvent[],
    results: readonly PromiseSettledResult<void>[],
  ): void {
    const failures = results.flatMap((result, index) =>
      result.status === 'rejected' ? { pending: window[index]!, err: result.reason as unknown } : [],
    )
    const [first] = failures
    if (first === undefined) return
    const { key, event } = first.pending
    const attempts = (failed.get(key)?.attempts ?? 0) + 1
    logger.warn(
      {
        err: first.err,
        outbox: name,
        events: failures.length,
        eventId: event.id,
        type: event.type,
        attempts,
      },
      'not published, stays in the outbox',
    )
  }

  async function markWindow(keys: readonly string[]): Promise<PromiseSettledResult<void>[]> {
    try {
      await outbox.markPublished(keys)
    } catch (error) {
      logger.warn({ err: error, outbox: name, events: keys.length }, 'published, but not marked')
      throw error
    }
    return keys.map(() => ({ status: 'fulfilled', value: undefined }))
  }

  async function relay(pending: PendingEvent): Promise<void> {
    const { key } = pending
    inFlight.add(key)
    try {
      await publishing.add(pending)
      await marking.add(key)
      failed.delete(key)
      metrics.published.inc({ outbox: name })
    } catch {
      const attempts = (failed.get(key)?.attempts ?? 0) + 1
      const gap = Math.min(firstGapMs * 2 ** (attempts - 1), longestGapMs)
      failed.set(key, { attempts, notBefore: performance.now() + gap })
      if (failed.size > maxBuffered) forgetOldestFailure()
      metrics.failures.inc({ outbox: name })
    } finally {
      inFlight.delete(key)
    }
  }

  /** An outage may outlast any memory. What is forgotten is tried again at the next sweep. */
  function forgetOldestFailure(): void {
    const [oldest] = failed.keys()
    if (oldest !== undefined) failed.delete(oldest)
  }

  function offer(pending: readonly PendingEvent[]): void {
    for (const item of pending) {
      if (inFlight.size >= maxBuffered) return
      if (!inFlight.has(item.key)) void relay(item)
    }
  }

  async function sweep(): Promise<void> {
    const ours = await lease.acquire()
    // What waits for its next try is pending too: it must not fill the page and hide what is behind it.
    const limit = windowSize * 5 + failed.size
    const pending = ours ? await outbox.pending(limit) : []
    metrics.age.set({ outbox: name }, ageOf(pending[0]))
    if (ours && pending.length < limit) forgetAllBut(pending)
    const now = performance.now()
    offer(pending.filter(({ key }) => (failed.get(key)?.notBefore ?? -Infinity) <= now))
  }

  /** What is no longer pending was published by another process. */
  function forgetAllBut(pending: readonly PendingEvent[]): void {
    const keys = new Set(pending.map(({ key }) => key))
    for (const key of failed.keys()) if (!keys.has(key)) failed.delete(key)
  }

  async function idle(): Promise<void> {
    while (inFlight.size > 0) {
      await publishing.idle()
      await marking.idle()
    }
  }

  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> | undefined

  function sweepSafely(): Promise<void> {
    sweeping ??= sweep()
      .catch((error: unknown) => logger.error({ err: error, outbox: name }, 'sweep failed'))
      .finally(() => {
        sweeping = undefined
      })
    return sweeping
  }

  return {
    offer,
    sweep,
    async start() {
      timer ??= setInterval(() => void sweepSafely(), sweepMs).unref()
      await sweepSafely()
    },
    idle,
    async close() {
      clearInterval(timer)
      await sweeping
      await idle()
    },
  }
}

/** In seconds. */
const ageOf = (pending: PendingEvent | undefined): number =>
  pending === undefined ? 0 : Math.max(0, (Date.now() - Date.parse(pending.event.time)) / 1_000)

export type RelayMetrics = ReturnType<typeof createRelayMetrics>

/** The metrics that all relays of one process share. */
export function createRelayMetrics(metrics: Metrics) {
  return {
    published: metrics.counter('parley_outbox_published_total', 'Events published and marked', ['outbox']),
    failures: metrics.counter('parley_outbox_failures_total', 'Attempts to publish that failed', ['outbox']),
    age: metrics.gauge(
      'parley_outbox_age_seconds',
      'Age of the oldest event that the last sweep of this process found pending',
      ['outbox'],
    ),
  }
}
