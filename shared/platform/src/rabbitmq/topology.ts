import type { Channel } from 'amqplib'

// What there is in the broker. All of it is durable, and stays when consumers leave.

/** Topic exchange of all events; routing key = type of the event. */
export const eventsExchange = 'parley.events'
/** Fanout exchange and quorum queue of what could not be handled, whichever queue it was in. */
export const deadLetters = 'parley.dead-letters'

/**
 * How often a message may be handed out without an end: its consumers died every time. Failures that are
 * told (see `RetryPolicy`) are not counted here.
 */
const deliveryLimit = 20

/** Nothing is dropped between two queues of the broker, should one of them be away for a moment. */
const atLeastOnce = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' }
const quorum = { 'x-queue-type': 'quorum' }

export async function declareDeadLetters(channel: Channel): Promise<void> {
  await channel.assertExchange(deadLetters, 'fanout', { durable: true })
  // No limit: looking at a dead letter must not make it deader.
  await channel.assertQueue(deadLetters, {
    durable: true,
    arguments: { ...quorum, 'x-delivery-limit': -1 },
  })
  await channel.bindQueue(deadLetters, deadLetters, '')
}

/** Declares a consumer's queue and binds it for its types; those bound before stay bound. */
export async function declareQueue(channel: Channel, queue: string, types: readonly string[]): Promise<void> {
  await channel.assertExchange(eventsExchange, 'topic', { durable: true })
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
}

export const retryQueueOf = (queue: string, gapMs: number): string => `${queue}.retry.${gapMs}ms`

/** A waiting room: what is in it goes back to its queue, and to no other, after the gap. */
export async function declareRetryQueue(channel: Channel, queue: string, gapMs: number): Promise<void> {
  await channel.assertQueue(retryQueueOf(queue, gapMs), {
    durable: true,
    arguments: {
      ...quorum,
      ...atLeastOnce,
      'x-message-ttl': gapMs,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': queue,
    },
  })
}
