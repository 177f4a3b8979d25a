import amqp, { type ConfirmChannel, type GetMessage } from 'amqplib'
import { deathHeaders } from './failures.ts'
import { publishWindow } from './publish-window.ts'
import { deadLetters, declareDeadLetters } from './topology.ts'

/** What could not be handled, and why. */
export interface DeadLetter {
  /** The event's id; without one nobody could read what came. */
  readonly id: string
  readonly type: string
  /** The queue whose consumer could not handle it. */
  readonly queue: string
  /** `delivery_limit`: its consumers died of it, so RabbitMQ gave up. */
  readonly reason: string
  readonly error: string
  readonly attempts: number
  readonly firstFailedAt: string | null
  readonly diedAt: string | null
  /** As it was published. */
  readonly content: string
}

export interface Choice {
  readonly id?: string | undefined
  readonly queue?: string | undefined
}

/**
 * The dead letters of a broker, to look at and to decide about.
 *
 * A letter leaves only after it was confirmed in its queue, or dropped on purpose. Whatever ends a run in the
 * middle puts back what it was looking at, in order. While one run looks at letters, another does not see them.
 */
export interface DeadLetters {
  /** The oldest ones, at most `limit`. */
  list(choice: Choice, limit: number): Promise<DeadLetter[]>
  /** Puts letters back into the queue that each came from, with all tries before it. Resolves to those. */
  replay(choice: Choice): Promise<DeadLetter[]>
  /** Removes letters for good. Resolves to those. */
  drop(choice: Choice): Promise<DeadLetter[]>
  close(): Promise<void>
}

const confirmTimeoutMs = 10_000

/** @throws when the broker cannot be reached */
export async function openDeadLetters(url: string): Promise<DeadLetters> {
  const connection = await amqp.connect(url, { timeout: 5_000 })
  connection.on('error', () => undefined)

  /** Walks over the letters that there are now; `decide` keeps one by resolving to false. */
  async function walk(
    { id, queue }: Choice,
    limit: number,
    decide: (channel: ConfirmChannel, message: GetMessage, letter: DeadLetter) => Promise<boolean>,
  ): Promise<DeadLetter[]> {
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => undefined)
    try {
      await declareDeadLetters(channel)
      const { messageCount } = await channel.checkQueue(deadLetters)
      const found: DeadLetter[] = []
      for (let seen = 0; seen < messageCount && found.length < limit; seen += 1) {
        const message = await channel.get(deadLetters)
        if (message === false) break
        const letter = toDeadLetter(message)
        if ((id ?? letter.id) !== letter.id || (queue ?? letter.queue) !== letter.queue) continue
        if (await decide(channel, message, letter)) channel.ack(message)
        found.push(letter)
      }
      return found
    } finally {
      // Sends the acks, and puts back what was only looked at.
      await channel.close()
    }
  }

  return {
    list: (choice, limit) => walk(choice, limit, async () => false),
    replay: (choice) =>
      walk(choice, Infinity, async (channel, message, { queue }) => {
        // Publishing to a queue that is not there would lose the letter, and asking kills the channel instead.
        await channel.checkQueue(queue)
        const { messageId, type, contentType, headers = {} } = message.properties
        const options = { messageId, type, contentType, persistent: true, headers: withoutDeath(headers) }
        const copy = { exchange: '', routingKey: queue, content: message.content, options }
        await publishWindow(channel, [copy], confirmTimeoutMs)
        return true
      }),
    drop: (choice) => walk(choice, Infinity, async () => true),
    close: () => connection.close(),
  }
}

type Headers = Readonly<Record<string, unknown>>

function toDeadLetter({ content, properties }: GetMessage): DeadLetter {
  const headers: Headers = properties.headers ?? {}
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => headers[name]).find((value) => typeof value === 'string')
  return {
    id: String((properties.messageId as unknown) ?? ''),
    type: String((properties.type as unknown) ?? ''),
    queue: text(deathHeaders.queue, 'x-last-death-queue', 'x-first-death-queue') ?? '',
    reason: text(deathHeaders.reason, 'x-last-death-reason', 'x-first-death-reason') ?? '',
    error: text(deathHeaders.error) ?? '',
    attempts: Number(headers[deathHeaders.attempts] ?? 0),
    firstFailedAt: text(deathHeaders.firstFailedAt) ?? null,
    diedAt: text(deathHeaders.diedAt) ?? null,
    content: content.toString(),
  }
}

/** Neither what we wrote about the letter, nor what the broker did. */
const withoutDeath = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^x-(parley-|.*death)/.test(name)))
