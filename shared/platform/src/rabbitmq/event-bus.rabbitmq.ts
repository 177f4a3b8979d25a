import type { Event, EventType } from '@parley/contracts/events.ts'
import type { EventBus, Subscription } from '../events/event-bus.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createBusMetrics } from './bus-metrics.ts'
import { openConnection } from './connection.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { createFailures, noRetries } from './failures.ts'
import { keepChannel } from './kept-channel.ts'
import { type OutgoingMessage, publishWindow } from './publish-window.ts'
import {
  declareEvents,
  declareOwnQueue,
  declareQueue,
  defaultDeliveryLimit,
  eventsExchange,
} from './topology.ts'
import { OwnError } from '../own-error.ts'

export interface RabbitEventBus extends EventBus {
  /** Whether the broker can be reached now, for publishing and for consuming. */
  connected(): boolean
}

/**
 * The event bus on RabbitMQ: durable topic exchange, one quorum queue per consumer.
 *
 * - Publishing resolves when the broker has confirmed all of the events. It rejects at once while the broker
 *   is away, and after `confirmTimeoutMs` while it hangs: the outbox has them.
 * - An event is tried five times unless `retryGapsMs` says otherwise: after a failure it waits 0.5 s, then
 *   5 s, 30 s and 2 min, beside its queue, so that no other event waits with it; then it is a dead letter.
 *   What cannot be read is one at once. So is what is under way when its consumer dies, the twentieth time.
 * - What fails in a queue of one's own, or cannot be read there, is logged and dropped.
 * - Subscribing waits for the broker, and rejects when the bus is closed before it came. A subscription that
 *   stops gives back what it has not begun.
 * - Everything is set up again, from scratch, after a lost connection. The broker may be away at the start.
 * - Closing waits for handlers and publishing under way, but not for a broker that hangs.
 *
 * Publishing and consuming have connections of their own, because RabbitMQ slows down publishers by not
 * reading their connection, and acks must not wait for that.
 *
 * @param name of this process, for the management page
 * @param prefetch how many events one subscription handles at the same time
 * @param deliveryLimit of queues that are not there yet
 * @param heartbeatSeconds a broker that hangs is noticed after two to three times as long
 */
export function createRabbitEventBus({
  url,
  name,
  logger,
  metrics: registry,
  prefetch = 200,
  retryGapsMs = [500, 5_000, 30_000, 120_000],
  deliveryLimit = defaultDeliveryLimit,
  confirmTimeoutMs = 10_000,
  heartbeatSeconds = 10,
}: {
  url: string
  name: string
  logger: Logger
  metrics: Metrics
  prefetch?: number
  retryGapsMs?: readonly number[]
  deliveryLimit?: number
  confirmTimeoutMs?: number
  heartbeatSeconds?: number
}): RabbitEventBus {
  const metrics = createBusMetrics(registry)
  const open = (purpose: string) =>
    openConnection({
      url,
      name: `${name} ${purpose}`,
      heartbeatSeconds,
      logger,
      onChange: (connected) => metrics.connected.set({ connection: purpose }, connected ? 1 : 0),
    })
  const publishing = open('publish')
  const consuming = open('consume')
  const openConfirmChannel = () =>
    keepChannel({
      connection: publishing,
      create: (model) => model.createConfirmChannel(),
      setUp: declareEvents,
      logger,
    })
  const channel = openConfirmChannel()
  /** Their own, so that a copy does not wait behind windows of events. */
  const failureChannel = openConfirmChannel()
  const failures = createFailures({
    channel: failureChannel,
    gapsMs: retryGapsMs,
    confirmTimeoutMs,
    logger,
    metrics,
  })
  const consumers = new Set<Consumer>()
  const underWay = new Set<Promise<void>>()
  let closing: Promise<void> | undefined

  function requireOpen(): void {
    if (closing !== undefined) throw new OwnError('the event bus is closed')
  }

  async function publish(events: readonly Event[]): Promise<void> {
    const open = channel.current()
    if (open === undefined) throw new OwnError('the broker is away')
    await publishWindow(open, events.map(toMessage), confirmTimeoutMs)
    metrics.published.inc(events.length)
  }

  async function stop(consumer: Consumer): Promise<void> {
    consumers.delete(consumer)
    await consumer.stop()
  }

  async function close(): Promise<void> {
    await Promise.all([...[...consumers].map(stop), Promise.allSettled(underWay)])
    await Promise.all([channel.close(), failureChannel.close()])
    await Promise.all([publishing.close(), consuming.close()])
  }

  return {
    async publish(events) {
      requireOpen()
      const work = publish(events)
      underWay.add(work)
      try {
        await work
      } finally {
        underWay.delete(work)
      }
    },

    async subscribe<T extends EventType>({ queue, own = false, types, handle }: Subscription<T>) {
      requireOpen()
      const consumer = createConsumer({
        connection: consuming,
        queue,
        types,
        declare: own
          ? (model) => declareOwnQueue(model, { queue, types })
          : async (model) => {
              await declareQueue(model, { queue, types, gapsMs: retryGapsMs, deliveryLimit })
              return queue
            },
        // Sound, because the consumer hands over only events of these types.
        handle: handle as (event: Event) => Promise<void> | void,
        prefetch,
        failures: own ? noRetries(logger) : failures,
        logger,
        metrics,
      })
      consumers.add(consumer)
      await consumer.ready
      return () => stop(consumer)
    },

    connected: () => publishing.model() !== undefined && consuming.model() !== undefined,

    close() {
      closing ??= close()
      return closing
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
