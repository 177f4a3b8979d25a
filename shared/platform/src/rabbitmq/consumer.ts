import type { Channel, ConsumeMessage } from 'amqplib'
import { type Event, event as eventSchema } from '@parley/contracts/events.ts'
import { LRUCache } from 'lru-cache'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import { type Acknowledgements, createAcknowledgements } from './acknowledgements.ts'
import type { BusMetrics } from './bus-metrics.ts'
import type { BrokerConnection } from './connection.ts'
import type { Failures } from './failures.ts'
import { keepChannel } from './kept-channel.ts'
import { declareQueue } from './topology.ts'

export interface Consumer {
  /** Resolves once it consumes for the first time. */
  readonly ready: Promise<void>
  /** Takes no more messages, waits for the handlers under way and acknowledges what they did. */
  stop(): Promise<void>
}

/** One connection's worth of consuming. After a reconnect everything unacknowledged comes again. */
interface Session {
  readonly channel: Channel
  readonly acks: Acknowledgements
  readonly consumerTag: string
}

const rememberedEvents = 10_000
/** A failure that could not be handed over: most likely the broker is going away, and the original with it. */
const returnAfterMs = 1_000

/**
 * Hands a queue's events to a handler, as many at the same time as the prefetch allows.
 *
 * Guarantees: a message is acknowledged only after its handler succeeded, or after it is safe with the retries
 * or the dead letters; an event that was handled is not handled again when it comes again (as far as memory
 * reaches); what cannot be read, or fails, delays no other message.
 */
export function createConsumer({
  connection,
  queue,
  types,
  handle,
  prefetch,
  failures,
  logger,
  metrics,
}: {
  connection: BrokerConnection
  queue: string
  types: readonly string[]
  handle: (event: Event) => Promise<void> | void
  prefetch: number
  failures: Failures
  logger: Logger
  metrics: BusMetrics
}): Consumer {
  const wanted = new Set(types)
  const handled = new LRUCache<string, true>({ max: rememberedEvents })
  const underWay = new Set<Promise<void>>()
  const consumed = metrics.consumed.labels({ queue })
  let session: Session | undefined
  let stopping = false

  async function setUp(channel: Channel): Promise<void> {
    await declareQueue(channel, queue, types)
    await channel.prefetch(prefetch)
    const acks = createAcknowledgements(channel, prefetch)
    channel.on('close', () => {
      if (session?.channel === channel) session = undefined
    })
    const { consumerTag } = await channel.consume(queue, (message) => {
      // The broker has cancelled the consumer, for instance because somebody deleted the queue.
      if (message === null) return void channel.close().catch(() => undefined)
      acks.received(message)
      if (stopping) return acks.returned(message)
      const work = take(message, acks)
      underWay.add(work)
      void work.finally(() => underWay.delete(work))
    })
    session = { channel, acks, consumerTag }
  }

  async function take(message: ConsumeMessage, acks: Acknowledgements): Promise<void> {
    if (message.fields.redelivered) metrics.redelivered.inc({ queue })
    try {
      const event = read(message)
      if (event instanceof Error) await failures.malformed(queue, message, event)
      else if (event !== undefined) await handleOnce(event, message)
    } catch (err) {
      logger.warn({ err, queue }, 'a failed event was not put aside, it goes back to its queue')
      await sleep(returnAfterMs)
      return attempt(() => acks.returned(message))
    }
    attempt(() => acks.handled(message))
  }

  /** Checked here and nowhere behind. Types that this consumer does not know are a newer consumer's. */
  function read({ content, properties }: ConsumeMessage): Event | Error | undefined {
    try {
      const parsed: unknown = JSON.parse(content.toString())
      const result = eventSchema.safeParse(parsed)
      if (result.success) return wanted.has(result.data.type) ? result.data : undefined
      const type: unknown = properties.type
      return typeof type === 'string' && !wanted.has(type) ? undefined : result.error
    } catch (error) {
      return error as Error
    }
  }

  async function handleOnce(event: Event, message: ConsumeMessage): Promise<void> {
    if (handled.has(event.id)) return metrics.duplicates.inc({ queue })
    try {
      const work = handle(event)
      if (work !== undefined) await work
    } catch (error) {
      return await failures.failed(queue, message, error)
    }
    handled.set(event.id, true)
    consumed.inc()
  }

  /** On a channel that is closed by now there is nothing to acknowledge: the message comes again. */
  function attempt(acknowledge: () => void): void {
    try {
      acknowledge()
    } catch (err) {
      logger.debug({ err, queue }, 'not acknowledged')
    }
  }

  const kept = keepChannel({ connection, create: (model) => model.createChannel(), setUp, logger })

  return {
    ready: kept.ready,
    async stop() {
      stopping = true
      await session?.channel.cancel(session.consumerTag).catch(() => undefined)
      await Promise.allSettled(underWay)
      attempt(() => session?.acks.flush())
      await kept.close()
    },
  }
}
