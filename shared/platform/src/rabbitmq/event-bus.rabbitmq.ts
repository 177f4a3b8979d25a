import type { Event, EventType } from '@parley/contracts/events.ts'
import type { EventBus, Subscription } from '../events/event-bus.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createBusMetrics } from './bus-metrics.ts'
import { openConnection } from './connection.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { createFailures } from './failures.ts'
import { keepChannel } from './kept-channel.ts'
import { type OutgoingMessage, publishWindow } from './publish-window.ts'
import { declareDeadLetters, eventsExchange } from './topology.ts'

/**
 * The event bus on RabbitMQ: durable topic exchange, one quorum queue per consumer.
 *
 * - Publishing resolves when the broker has confirmed all of the events, and rejects within seconds while it
 *   is away or hangs: the outbox has them.
 * - An event is tried five times unless `retryGapsMs` says otherwise: after a failure it waits 0.5 s, then
 *   5 s, 30 s and 2 min, beside its queue, so that no other event waits with it; then it is a dead letter.
 * - Everything is set up again after a lost connection. The broker may be away at the start.
 *
 * Publishing and consuming have connections of their own, because RabbitMQ slows down publishers by not
 * reading their connection, and acks must not wait for that.
 *
 * @param name of this process, for the management page
 * @param prefetch how many events one subscription handles at the same time
 */
export function createRabbitEventBus({
  url,
  name,
  logger,
  metrics: registry,
  prefetch = 200,
  retryGapsMs = [500, 5_000, 30_000, 120_000],
  confirmTimeoutMs = 10_000,
}: {
  url: string
  name: string
  logger: Logger
  metrics: Metrics
  prefetch?: number
  retryGapsMs?: readonly number[]
  confirmTimeoutMs?: number
}): EventBus {
  const metrics = createBusMetrics(registry)
  const open = (purpose: string) =>
    openConnection({
      url,
      name: `${name} ${purpose}`,
      logger,
      onChange: (connected) => metrics.connected.set({ connection: purpose }, connected ? 1 : 0),
    })
  const publishing = open('publish')
  const consuming = open('consume')
  const channel = keepChannel({
    connection: publishing,
    create: (model) => model.createConfirmChannel(),
    setUp: async (channel) => void (await channel.assertExchange(eventsExchange, 'topic', { durable: true })),
    logger,
  })
  const failureChannel = keepChannel({
    connection: publishing,
    create: (model) => model.createConfirmChannel(),
    setUp: declareDeadLetters,
    logger,
  })
  const failures = createFailures({ channel: failureChannel, gapsMs: retryGapsMs, logger, metrics })
  const consumers = new Set<Consumer>()
  const underWay = new Set<Promise<void>>()
  let closed = false

  async function publish(events: readonly Event[]): Promise<void> {
    const open = channel.current()
    if (open === undefined) throw new Error('the broker is away')
    await publishWindow(open, events.map(toMessage), confirmTimeoutMs)
    metrics.published.inc(events.length)
  }

  async function stop(consumer: Consumer): Promise<void> {
    consumers.delete(consumer)
    await consumer.stop()
  }

  return {
    async publish(events) {
      if (closed) throw new Error('the event bus is closed')
      const work = publish(events)
      underWay.add(work)
      try {
        await work
      } finally {
        underWay.delete(work)
      }
    },

    async subscribe<T extends EventType>({ queue, types, handle }: Subscription<T>) {
      if (closed) throw new Error('the event bus is closed')
      const consumer = createConsumer({
        connection: consuming,
        queue,
        types,
        // Sound, because the consumer hands over only events of these types.
        handle: handle as (event: Event) => Promise<void> | void,
        prefetch,
        failures,
        logger,
        metrics,
      })
      consumers.add(consumer)
      await consumer.ready
      return () => stop(consumer)
    },

    async close() {
      closed = true
      await Promise.all([...consumers].map(stop))
      await Promise.allSettled(underWay)
      await Promise.all([channel.close(), failureChannel.close()])
      await Promise.all([publishing.close(), consuming.close()])
    },
  }
}

/** CloudEvents in structured mode (AMQP protocol binding 1.0). */
const toMessage = (event: Event): OutgoingMessage => ({
  exchange: eventsExchange,
  routingKey: event.type,
  content: Buffer.from(JSON.stringify(event)),
  options: {
    persistent: true,
    contentType: 'application/cloudevents+json; charset=utf-8',
    messageId: event.id,
    type: event.type,
  },
})
