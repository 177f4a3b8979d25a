import { randomUUID } from 'node:crypto'
import type { Event, EventType } from '@parley/contracts/events.ts'
import type { EventBus, Subscription } from './event-bus.ts'
import { OwnError } from '../own-error.ts'

type Handle = (event: Event) => Promise<void> | void

interface Subscriber {
  readonly types: ReadonlySet<EventType>
  readonly handle: Handle
  readonly underWay: Set<Promise<void>>
}

interface Queue {
  readonly name: string
  /** Stays when subscribers leave: a queue takes its events whether or not somebody handles them now. */
  readonly types: Set<EventType>
  subscribers: readonly Subscriber[]
  turn: number
}

/**
 * The event bus of one process. `publish` resolves only after every queue's handler succeeded, so an outbox
 * that clears its mark then is at least once, also over `kill -9`. It keeps nothing itself, and it does not
 * retry: that is the relay's work. While a queue has no subscriber, publishing its events fails.
 */
export function createMemoryEventBus(): EventBus {
  const queues = new Map<string, Queue>()
  let closed = false

  function deliver(event: Event, queue: Queue): Promise<void> | void {
    if (!queue.types.has(event.type)) return
    if (closed) throw new OwnError('the event bus is closed')
    const candidates = queue.subscribers.filter(({ types }) => types.has(event.type))
    const subscriber = candidates[queue.turn++ % candidates.length]
    if (subscriber === undefined) throw new OwnError(`nobody handles ${event.type} from ${queue.name} now`)
    const handled = subscriber.handle(event)
    if (handled === undefined) return
    subscriber.underWay.add(handled)
    return handled.finally(() => subscriber.underWay.delete(handled))
  }

  /** One queue gets its events in order; a failed one does not hold up those behind it. */
  async function deliverAll(events: readonly Event[], queue: Queue): Promise<unknown[]> {
    const failures: unknown[] = []
    for (const event of events) {
      try {
        await deliver(event, queue)
      } catch (error) {
        failures.push(error)
      }
    }
    return failures
  }

  function declare(name: string): Queue {
    const queue = queues.get(name) ?? { name, types: new Set(), subscribers: [], turn: 0 }
    queues.set(name, queue)
    return queue
  }

  return {
    async publish(events) {
      if (closed) throw new OwnError('the event bus is closed')
      const results = await Promise.all([...queues.values()].map((queue) => deliverAll(events, queue)))
      const failures = results.flat()
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} event(s) not handled`)
    },

    async subscribe<T extends EventType>({ queue, own = false, types, handle }: Subscription<T>) {
      const name = own ? `${queue}.${randomUUID()}` : queue
      // Sound, because `deliver` hands over only events of these types.
      const subscriber: Subscriber = { types: new Set(types), handle: handle as Handle, underWay: new Set() }
      const declared = declare(name)
      for (const type of types) declared.types.add(type)
      declared.subscribers = [...declared.subscribers, subscriber]
      return async () => {
        declared.subscribers = declared.subscribers.filter((other) => other !== subscriber)
        if (own) queues.delete(name)
        await Promise.allSettled(subscriber.underWay)
      }
    },

    async close() {
      closed = true
      const subscribers = [...queues.values()].flatMap((queue) => queue.subscribers)
      await Promise.allSettled(subscribers.flatMap(({ underWay }) => [...underWay]))
    },
  }
}
