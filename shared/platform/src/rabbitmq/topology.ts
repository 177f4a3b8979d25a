import { randomUUID } from 'node:crypto'
import type { Channel } from 'amqplib'

// What there is in the broker. All of it is durable, and stays when consumers leave.

/** Topic exchange of all events; routing key = type of the event. */
export const eventsExchange = 'parley.events'
/** Fanout exchange and quorum queue of what could not be handled, whichever queue it was in. */
export const deadLetters = 'parley.dead-letters'

/**
 * How often a message may come back without an answer, since its consumers died of it, before RabbitMQ takes
 * it to the dead letters. A crash counts for all that was handed out, so it is many. What failed and could not be
 * put aside counts, too. Failures that were (see `createFailures`) are not counted here, nor is what a subscription
 * gives back when it stops.
 */
export const defaultDeliveryLimit = 20

/** Nothing is dropped between two queues of the broker, should one of them be away for a moment. */
const atLeastOnce = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' }
const quorum = { 'x-queue-type': 'quorum' }

export async function declareEvents(channel: Channel): Promise<void> {
  await channel.assertExchange(eventsExchange, 'topic', { durable: true })
}

export async function declareDeadLetters(channel: Channel): Promise<void> {
  await channel.assertExchange(deadLetters, 'fanout', { durable: true })
  // No limit: looking at a dead letter must not make it deader.
  await channel.assertQueue(deadLetters, {
    durable: true,
    arguments: { ...quorum, 'x-delivery-limit': -1 },
  })
  await channel.bindQueue(deadLetters, deadLetters, '')
}

/** What a consumer's queue is like. A queue that exists keeps its limit: another one would be refused. */
export interface QueueOptions {
  readonly queue: string
  readonly types: readonly string[]
  /** One waiting room each. Other gaps than before are other rooms; the old ones empty themselves. */
  readonly gapsMs: readonly number[]
  readonly deliveryLimit: number
}

/**
 * Declares a consumer's queue and all that its messages may come through, and binds it for its types; those
 * bound before stay bound. All at once and not when first needed, because a broker that dies within seconds
 * of declaring a queue may forget it.
 */
export async function declareQueue(
  channel: Channel,
  { queue, types, gapsMs, deliveryLimit }: QueueOptions,
): Promise<void> {
  await declareEvents(channel)
  await declareDeadLetters(channel)
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      ...quorum,
      ...atLeastOnce,
      'x-delivery-limit': deliveryLimit,
      'x-dead-letter-exchange': deadLetters,
    },
  })
  for (const type of types) await channel.bindQueue(queue, eventsExchange, type)
  await channel.assertExchange(roomsOf(queue), 'direct', { durable: true })
  await channel.bindQueue(queue, roomsOf(queue), queue)
  for (const gapMs of gapsMs) await declareRoom(channel, queue, gapMs)
}

/** What one process may leave unread in a queue of its own. */
const mostInOwnQueue = 100_000

/**
 * Declares a queue for one channel, which goes away with it. Resolves to its name: another one each time, since the
 * broker may not have noticed yet that the connection of the one before is lost.
 */
export async function declareOwnQueue(
  channel: Channel,
  { queue, types }: Pick<QueueOptions, 'queue' | 'types'>,
): Promise<string> {
  await declareEvents(channel)
  const name = `${queue}.${randomUUID()}`
  await channel.assertQueue(name, {
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: { 'x-max-length': mostInOwnQueue },
  })
  for (const type of types) await channel.bindQueue(name, eventsExchange, type)
  return name
}

/**
 * The exchange between a queue and its waiting rooms. Not the nameless one: who may publish to that reaches the queues of
 * everybody else.
 */
export const roomsOf = (queue: string): string => `${queue}.rooms`

/** Also the key by which `roomsOf` routes to it. */
export const retryQueueOf = (queue: string, gapMs: number): string => `${queue}.wait.${gapMs}ms`

/** A waiting room: what is in it goes back to its queue, and to no other, after the gap. */
async function declareRoom(channel: Channel, queue: string, gapMs: number): Promise<void> {
  const room = retryQueueOf(queue, gapMs)
  await channel.assertQueue(room, {
    durable: true,
    arguments: {
      ...quorum,
      ...atLeastOnce,
      'x-message-ttl': gapMs,
      'x-dead-letter-exchange': roomsOf(queue),
      'x-dead-letter-routing-key': queue,
    },
  })
  await channel.bindQueue(room, roomsOf(queue), room)
}
