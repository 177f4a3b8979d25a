import { randomUUID } from 'node:crypto'
import type { Event, EventType } from '@parley/contracts/events.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createEvent } from './create-event.ts'
import type { EventBus } from './event-bus.ts'

const registered = 'users.user-registered.v1'
const ended = 'users.session-ended.v1'

const registration = (firstName = 'Alice'): Event =>
  createEvent(registered, {
    source: 'test',
    subject: 'user-1',
    data: { user: { id: randomUUID(), firstName, lastName: '' } },
  })
const ending = (): Event =>
  createEvent(ended, {
    source: 'test',
    subject: 'session-1',
    data: { sessionId: randomUUID(), userId: randomUUID(), reason: 'logout' },
  })
const idsOf = (events: readonly Event[]) => events.map(({ id }) => id).toSorted()

/** How long a broker may take to deliver, or to deliver again. */
const patienceMs = 20_000

/**
 * What every event bus does. Events are published as the relay does it: again, until the bus has taken them.
 * @param createBus a connected bus; buses that it makes within one test may share their queues
 */
export function describeEventBus(name: string, createBus: () => Promise<EventBus> | EventBus): void {
  describe(`the ${name} event bus`, () => {
    let bus: EventBus
    let queue: string
    beforeEach(async () => {
      bus = await createBus()
      queue = `test.${randomUUID()}`
    })
    afterEach(() => bus.close())

    const publish = (...events: readonly Event[]) => eventually(() => bus.publish(events), patienceMs)
    /** Subscribes and keeps what comes, each event once, as a consumer that drops known ids does. */
    async function collect(from: string, types: readonly EventType[] = [registered, ended]) {
      const events: Event[] = []
      const stop = await bus.subscribe({
        queue: from,
        types,
        handle: (event) => {
          if (!events.some(({ id }) => id === event.id)) events.push(event)
        },
      })
      return { events, stop }
    }
    const arrived = (events: readonly Event[], expected: readonly Event[]) =>
      eventually(() => expect(idsOf(events)).toEqual(idsOf(expected)), patienceMs)

    it('gives each event to every queue that asked for its type, and to no other', async () => {
      const everything = await collect(`${queue}.everything`)
      const registrations = await collect(`${queue}.registrations`, [registered])
      const [first, second, third] = [ending(), registration(), registration()]
      await publish(first, second)
      await publish(third)
      await arrived(everything.events, [first, second, third])
      await arrived(registrations.events, [second, third])
    })

    it('gives each event to every subscription with a queue of its own, and misses none that has left', async () => {
      const hear = async () => {
        const events: Event[] = []
        const handle = (event: Event): void => void events.push(event)
        return { events, stop: await bus.subscribe({ queue, own: true, types: [ended], handle }) }
      }
      const [first, second] = [await hear(), await hear()]
      const [one, two] = [ending(), ending()]
      await publish(one, registration())
      await arrived(first.events, [one])
      await arrived(second.events, [one])
      await first.stop()
      await publish(two)
      await arrived(second.events, [one, two])
      expect(first.events).toEqual([one])
    })

    it('goes on after a handler of a queue of its own has failed', async () => {
      const events: Event[] = []
      await bus.subscribe({
        queue,
        own: true,
        types: [ended],
        async handle(event) {
          events.push(event)
          if (events.length === 1) throw new Error('not this one')
        },
      })
      const [one, two] = [ending(), ending()]
      await bus.publish([one]).catch(() => undefined)
      await publish(two)
      await eventually(() => expect(idsOf(events)).toEqual(expect.arrayContaining([two.id])), patienceMs)
    })

    it('carries an event as it was published', async () => {
      const { events } = await collect(queue)
      const event = registration('Zoë 👋 שלום \u0001 "\\')
      await publish(event)
      await arrived(events, [event])
      expect(events).toEqual([event])
    })

    it('takes events that nobody asked for', async () => {
      await publish(registration(), ending())
    })

    it('shares a queue among its subscribers, so that a slow one does not hold up the others', async () => {
      const otherHandled = Promise.withResolvers<void>()
      const handled: string[] = []
      let slow: string | undefined
      const handle = async ({ id }: Event): Promise<void> => {
        slow ??= id
        if (slow === id) await otherHandled.promise
        else otherHandled.resolve()
        handled.push(id)
      }
      await bus.subscribe({ queue, types: [registered], handle })
      await bus.subscribe({ queue, types: [registered], handle })
      const events = [registration(), registration(), registration(), registration()]
      await Promise.all(events.map((event) => publish(event)))
      // Each exactly once: none was given to both.
      await eventually(() => expect(handled.toSorted()).toEqual(idsOf(events)), patienceMs)
    })

    it('gives nothing to a subscriber that stopped, and keeps it for the next one', async () => {
      const left = await collect(queue)
      await left.stop()
      const event = registration()
      const published = publish(event)
      const next = await collect(queue)
      await published
      await arrived(next.events, [event])
      expect(left.events).toEqual([])
    })

    it('lets a subscriber that stops finish what is under way, and gives it no more', async () => {
      const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const order: string[] = []
      const stop = await bus.subscribe({
        queue,
        types: [registered],
        handle: async () => {
          started.resolve()
          await released.promise
          order.push('handled')
        },
      })
      const published = publish(registration())
      await started.promise
      const stopped = stop().then(() => order.push('stopped'))
      await new Promise(setImmediate)
      expect(order).toEqual([])
      released.resolve()
      await stopped
      expect(order).toEqual(['handled', 'stopped'])
      await published
    })

    it.each(['throws', 'rejects'] as const)('brings an event again when its handler %s', async (fails) => {
      const attempts: Event[] = []
      const handled = Promise.withResolvers<Event>()
      await bus.subscribe({
        queue,
        types: [registered],
        handle: (event) => {
          attempts.push(event)
          if (attempts.length > 1) return handled.resolve(event)
          if (fails === 'throws') throw new Error('not now')
          return Promise.reject(new Error('not now'))
        },
      })
      const event = registration()
      await publish(event)
      await expect(handled.promise).resolves.toEqual(event)
      expect(attempts).toEqual([event, event])
    })

    it('does not keep an event from the others when one queue cannot handle it', async () => {
      const broken = await bus.subscribe({
        queue: `${queue}.broken`,
        types: [registered],
        handle: () => Promise.reject(new Error('never')),
      })
      const { events } = await collect(`${queue}.sound`)
      const event = registration()
      await bus.publish([event]).catch(() => undefined)
      await arrived(events, [event])
      await broken()
    })

    it('does not keep the other events back when one cannot be handled', async () => {
      const poison = registration('poison')
      const handled: Event[] = []
      const stop = await bus.subscribe({
        queue,
        types: [registered],
        handle: (event) => {
          if (event.id === poison.id) throw new Error('never')
          handled.push(event)
        },
      })
      const [before, after] = [registration(), registration()]
      await bus.publish([before, poison, after]).catch(() => undefined)
      await arrived(handled, [before, after])
      await stop()
    })

    it('closes after the handlers under way, and publishes nothing more', async () => {
      const closing = await createBus()
      const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const order: string[] = []
      await closing.subscribe({
        queue,
        types: [registered],
        handle: async () => {
          started.resolve()
          await released.promise
          order.push('handled')
        },
      })
      const published = closing.publish([registration()])
      await started.promise
      const closed = closing.close().then(() => order.push('closed'))
      await new Promise(setImmediate)
      expect(order).toEqual([])
      released.resolve()
      await Promise.all([published, closed])
      expect(order).toEqual(['handled', 'closed'])
      await expect(closing.publish([registration()])).rejects.toThrow(Error)
    })
  })
}
