import type { Logger } from '@parley/platform/log.ts'
import { noticedWithinMs } from '@parley/platform/redis/open-redis.ts'
import type { Backplane } from '../backplane.ts'
import type { ParleyServer } from '../connection/parley-socket.ts'
import type { DeliveredEvent } from './deliver-event.ts'
import type { RecentEvents } from './recent-events.ts'

/** How long to wait for others that ask for the same, so that all are served by one repetition. */
const collectMs = 250
/** Emitted in one turn of the event loop. */
const eventsAtOnce = 100

/**
 * Makes up for what the adapter loses: it is at most once, so sockets of a gateway that did not listen for
 * a while have missed what others emitted, and nobody knows.
 *
 * A gateway that was cut off asks the others, once it listens again, to emit again what they emitted in that
 * time; and does the same itself, because another one that was cut off, too, may have missed it. Of two
 * gateways that were both away, the one that is back later is heard by the other and hears it, so nothing is
 * lost between them as far as memory reaches (then a line in the log says so, and clients find the hole by
 * `seq`, P3). Clients drop by `seq` what they have, and all events may come twice.
 * @param repeat emits an event again
 */
export function repeatAfterOutage({
  io,
  backplane,
  recent,
  repeat,
  repeated,
  logger,
  now = () => performance.now(),
}: {
  io: ParleyServer
  backplane: Backplane
  recent: RecentEvents
  repeat: (event: DeliveredEvent) => void
  repeated: { inc(count: number): void }
  logger: Logger
  now?: () => number
}): { close(): void } {
  /** Since when others may have emitted what was not heard here. */
  let deafSince: number | undefined = now()
  /** What to emit again: what was emitted in this time. */
  let due: { from: number; to: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function repeatSoon(from: number, to: number): void {
    due = { from: Math.min(due?.from ?? from, from), to: Math.max(due?.to ?? to, to) }
    timer ??= setTimeout(() => void repeatDue(), collectMs).unref()
  }

  async function repeatDue(): Promise<void> {
    timer = undefined
    if (closed || !backplane.available() || due === undefined) return
    const { from, to } = due
    due = undefined
    const { events, all } = recent.between(from, to)
    if (!all) logger.warn({ events: events.length }, 'an outage was longer than the events remembered')
    try {
      for (const [index, event] of events.entries()) {
        if (index % eventsAtOnce === 0) await new Promise(setImmediate)
        repeat(event)
      }
      await backplane.published()
      repeated.inc(events.length)
    } catch (error) {
      due = { from, to: now() }
      logger.debug({ err: error }, 'not repeated, is tried again when Redis is back')
    }
  }

  async function ask(since: number): Promise<void> {
    // Without sockets nobody here has missed anything.
    if (io.sockets.sockets.size > 0) io.serverSideEmit('gateway:was-deaf', now() - since)
    try {
      await backplane.published()
      deafSince = undefined
    } catch {
      // Gone again: the next time it is back, it asks for all of the time.
    }
  }

  function changed(available: boolean): void {
    if (closed) return
    if (!available) {
      deafSince ??= now()
      return
    }
    const since = (deafSince ?? now()) - noticedWithinMs
    void ask(since)
    repeatSoon(since, now())
  }

  io.on('gateway:was-deaf', (milliseconds: unknown) => {
    if (typeof milliseconds === 'number') repeatSoon(now() - milliseconds, now())
  })
  backplane.onChange(changed)
  if (backplane.available()) deafSince = undefined

  return {
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
