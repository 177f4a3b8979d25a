import type { Event, EventType } from '@parley/contracts/events.ts'
import type { EventBus, Subscription } from './event-bus.ts'

type Handle = (event: Event) => Promise<void> | void
interface Subscriber {
  readonly types: ReadonlySet<EventType>
  readonly handle: Handle
  readonly underWay: Set<Promise<void>>
}

/**
 * The event bus of one process. `publish` resolves only after every queue's handler succeeded, so an outbox
 * that clears its mark then is at least once, also over `kill -9`. It keeps nothing itself, and it does not
 * retry: that is the relay's work.
 */
export function createMemoryEventBus(): EventBus {
  const queues = new Map<string, Subscriber[]>()
  let turn = 0
  let closed = false

  function deliver(event: Event, subscribers: readonly Subscriber[]): Promise<void> | void {
    const candidates = subscribers.filter(({ types }) => types.has(event.type))
    const subscriber = candidates[turn++ % candidates.length]
    if (subscriber === undefined) return
    const handled = subscriber.handle(event)
    if (handled === undefined) return
    subscriber.underWay.add(handled)
    return handled.finally(() => subscriber.underWay.delete(handled))
  }

  /** One queue gets its events in order; a failed one does not hold up those behind it. */
  async function deliverAll(
    events: readonly Event[],
    subscribers: readonly Subscriber[],
  ): Promise<unknown[]> {
    const failures: unknown[] = []
    for (const event of events) {
      try {
        await deliver(event, subscribers)
      } catch (error) {
        failures.push(error)
      }
    }
    return failures
  }

  return {
    async publish(events) {
      if (closed) throw new Error('the event bus is closed')
      const results = await Promise.all(
        [...queues.values()].map((subscribers) => deliverAll(events, subscribers)),
      )
      const failures = results.flat()
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} event(s) not handled`)
    },

    async subscribe<T extends EventType>({ queue, types, handle }: Subscription<T>) {
      // Sound, because `deliver` hands over only events of these types.
      const subscriber: Subscriber = { types: new Set(types), handle: handle as Handle, underWay: new Set() }
      const subscribers = queues.get(queue) ?? []
      queues.set(queue, [...subscribers, subscriber])
      return async () => {
        queues.set(
          queue,
          (queues.get(queue) ?? []).filter((other) => other !== subscriber),
        )
        await Promise.allSettled(subscriber.underWay)
      }
    },

    async close() {
      closed = true
      const subscribers = [...queues.values()].flat()
      await Promise.allSettled(subscribers.flatMap(({ underWay }) => [...underWay]))
    },
  }
}
