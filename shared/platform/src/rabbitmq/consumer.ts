import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ConsumeMessage } from 'amqplib'
import type { Event } from '@parley/contracts/events.ts'
import type { Logger } from '../log.ts'
import { type Acknowledgements, createAcknowledgements } from './acknowledgements.ts'
import type { BusMetrics } from './bus-metrics.ts'
import { atMost, type BrokerConnection } from './connection.ts'
import type { Failures } from './failures.ts'
import { handleOnce } from './handle-once.ts'
import { keepChannel } from './kept-channel.ts'
import { attemptsOf, headersOf } from './notes.ts'
import { UnroutableError } from './publish-window.ts'
import { MalformedEventError, readEvent } from './read-event.ts'

export interface Consumer {
  /** Resolves once it consumes for the first time; rejects when it is stopped before. */
  readonly ready: Promise<void>
  /**
   * Takes no more messages, waits for the handlers under way and acknowledges what they did. What comes in
   * meanwhile goes back to the queue at once.
   */
  stop(): Promise<void>
}

/** One channel's worth of consuming. After a reconnect everything unacknowledged comes again. */
interface Session {
  readonly channel: Channel
  readonly acks: Acknowledgements
}

const consumerTag = 'events'
/** A failure that could not be handed over: most likely the broker is going away, and the original with it. */
const returnAfterMs = 1_000
const cancelTimeoutMs = 1_000
/** What is lost with a connection comes again; this adds little to that. */
const ackGatherMs = 100

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
  types: consumed,
  declare,
  handle,
  prefetch,
  failures,
  logger,
  metrics,
}: {
  connection: BrokerConnection
  /** Its name in logs and metrics. */
  queue: string
  types: readonly string[]
  /** Declares the queue. Resolves to its name. */
  declare: (channel: Channel) => Promise<string>
  handle: (event: Event) => Promise<void> | void
  prefetch: number
  failures: Failures
  logger: Logger
  metrics: BusMetrics
}): Consumer {
  const types: ReadonlySet<string> = new Set(consumed)
  const handleIfNew = handleOnce(handle)
  const underWay = new Set<Promise<void>>()
  let session: Session | undefined
  let stopping = false

  async function setUp(channel: Channel): Promise<void> {
    const name = await declare(channel)
    await channel.prefetch(prefetch)
    // A connection that is lost while handlers finish must not begin anew.
    if (stopping) return
    const acks = createAcknowledgements(channel, prefetch, ackGatherMs)
    session = { channel, acks }
    const receive = (message: ConsumeMessage | null): void => {
      // The broker has cancelled the consumer, for instance because somebody deleted the queue.
      if (message === null) return startAnew(channel)
      acks.received(message)
      if (stopping) return acks.returned(message)
      const work = take(message, { channel, acks })
      underWay.add(work)
      void work.finally(() => underWay.delete(work))
    }
    await channel.consume(name, receive, { consumerTag })
  }

  async function take(message: ConsumeMessage, { channel, acks }: Session): Promise<void> {
    if (message.fields.redelivered) metrics.redelivered.inc({ queue })
    else if (attemptsOf(headersOf(message)) > 0) metrics.retriesReturned.inc({ queue })
    try {
      await handleOrPutAside(message)
      acks.handled(message)
    } catch (err) {
      logger.warn({ err, queue }, 'a failed event was not put aside, it goes back to its queue')
      await sleep(returnAfterMs)
      // Not `returned`, which no limit ever ends.
      acks.failed(message)
      // The queues that it should have gone to are declared together with this one.
      if (err instanceof UnroutableError) startAnew(channel)
    }
  }

  async function handleOrPutAside(message: ConsumeMessage): Promise<void> {
    try {
      if (await handleIfNew(readEvent(message, types))) metrics.consumed.inc({ queue, outcome: 'handled' })
      else metrics.duplicates.inc({ queue })
    } catch (error) {
      if (error instanceof MalformedEventError) return await failures.malformed(queue, message, error)
      metrics.consumed.inc({ queue, outcome: 'failed' })
      await failures.failed(queue, message, error)
    }
  }

  const kept = keepChannel({ connection, create: (model) => model.createChannel(), setUp, logger })

  return {
    ready: kept.ready,
    async stop() {
      stopping = true
      if (session !== undefined) await atMost(cancelTimeoutMs, session.channel.cancel(consumerTag))
      await Promise.allSettled(underWay)
      session?.acks.flush()
      await kept.close()
    },
  }
}

/** Its channel is a kept one: a new one takes its place, with everything declared again. */
function startAnew(channel: Channel): void {
  channel.close().catch(() => undefined)
}
