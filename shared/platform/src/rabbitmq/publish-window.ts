import type { ConfirmChannel, Message, Options } from 'amqplib'
import { OwnError } from '../own-error.ts'

export interface OutgoingMessage {
  /** The empty string is the exchange that routes to the queue with the name of the key. */
  readonly exchange: string
  readonly routingKey: string
  readonly content: Buffer
  /** With `mandatory` it must reach a queue; otherwise one that nobody asked for is gone. */
  readonly options: Options.Publish
}

/** There is no queue where a mandatory message should go: somebody deleted it. */
export class UnroutableError extends OwnError {
  constructor(routingKey: string) {
    super(`RabbitMQ has no queue for ${routingKey}`)
    this.name = 'UnroutableError'
  }
}

/** Channels whose buffer is full now, until it is drained. */
const full = new WeakMap<ConfirmChannel, Promise<void>>()

/**
 * Publishes messages at once and waits for their confirms together: one by one costs fifteen times as much.
 * While the channel's buffer is full it waits for room, so memory is bounded however many windows there are.
 * @throws when one of them is not confirmed in time, or the channel is lost: what became of any is not known
 * @throws UnroutableError
 */
export async function publishWindow(
  channel: ConfirmChannel,
  messages: readonly OutgoingMessage[],
  timeoutMs: number,
): Promise<void> {
  if (messages.length === 0) return
  const done = Promise.withResolvers<void>()
  // It may fail while this waits for room.
  done.promise.catch(() => undefined)
  const timer = setTimeout(() => done.reject(new OwnError('the broker did not confirm in time')), timeoutMs)
  const lost = (): void => done.reject(new OwnError('the connection to the broker was lost'))
  channel.once('close', lost)
  // Comes before the confirm. Another window's message to the same place has met the same fate.
  const keys = new Set(
    messages.filter(({ options }) => options.mandatory).map(({ routingKey }) => routingKey),
  )
  const returned = ({ fields: { routingKey } }: Message): void => {
    if (keys.has(routingKey)) done.reject(new UnroutableError(routingKey))
  }
  if (keys.size > 0) channel.on('return', returned)
  let unconfirmed = messages.length

  try {
    for (const { exchange, routingKey, content, options } of messages) {
      for (let room = full.get(channel); room !== undefined; room = full.get(channel)) {
        await Promise.race([room, done.promise])
      }
      const hasRoom = channel.publish(exchange, routingKey, content, options, (error: unknown) => {
        unconfirmed -= 1
        if (error !== null) done.reject(error)
        else if (unconfirmed === 0) done.resolve()
      })
      // The message itself is buffered already: it must not be published again.
      if (!hasRoom) full.set(channel, drained(channel))
    }
    await done.promise
  } finally {
    clearTimeout(timer)
    channel.removeListener('close', lost)
    channel.removeListener('return', returned)
  }
}

const drained = (channel: ConfirmChannel): Promise<void> =>
  new Promise((resolve) => {
    channel.once('drain', () => {
      full.delete(channel)
      resolve()
    })
  })
