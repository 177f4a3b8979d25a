import { setTimeout as sleep } from 'node:timers/promises'
import amqp, { type ConfirmChannel, type GetMessage } from 'amqplib'
import { withHeartbeat } from './connection.ts'
import { attemptsOf, headersOf, notes, withoutNotes } from './notes.ts'
import { publishWindow, UnroutableError } from './publish-window.ts'
import { deadLetters, declareDeadLetters } from './topology.ts'

/** What could not be handled, and why. */
export interface DeadLetter {
  /** The event's id, or one that it was given when nobody could read it. */
  readonly id: string
  readonly type: string
  /** The queue whose consumer could not handle it. */
  readonly queue: string
  /** `failed` every time, `malformed`, or `delivery_limit`: its consumers died of it, so RabbitMQ gave up. */
  readonly reason: string
  /** Of the last attempt. */
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
 * A letter leaves only after its copy was confirmed in its queue, or to be dropped. Killed in between, the
 * letter is there twice, and its consumer drops the second one. Whatever ends a run in the middle puts back
 * what it was looking at. While one run looks at letters another does not see them, so two runs never decide
 * about the same one; the one that comes second may find less. Each run goes over all letters.
 */
export interface DeadLetters {
  /** The oldest ones, at most `limit`. */
  list(choice: Choice, limit: number): Promise<DeadLetter[]>
  /**
   * Puts letters back into the queue that each came from, and into no other, with all tries before them. A
   * letter whose queue is gone stays.
   */
  replay(choice: Choice): Promise<{ replayed: DeadLetter[]; stranded: DeadLetter[] }>
  /** Removes letters for good. Resolves to those. */
  drop(choice: Choice): Promise<DeadLetter[]>
  close(): Promise<void>
}

const heartbeatSeconds = 10
const connectTimeoutMs = 5_000
const confirmTimeoutMs = 10_000
const givenBackMs = 250

/** @throws when the broker cannot be reached */
export async function openDeadLetters(url: string): Promise<DeadLetters> {
  const connection = await amqp.connect(withHeartbeat(url, heartbeatSeconds), {
    timeout: connectTimeoutMs,
    noDelay: true,
    clientProperties: { connection_name: 'dead letters' },
  })
  // What is asked of it rejects too; without a listener it would end the process.
  connection.on('error', () => undefined)

  /**
   * Walks over all letters that there are now. Over all of them, because RabbitMQ puts what is given back
   * behind the others that were: going over a part would turn that part to the end.
   * @param decide says whether the letter is settled; otherwise it is given back
   */
  async function walk(
    { id, queue }: Choice,
    decide: (channel: ConfirmChannel, message: GetMessage, letter: DeadLetter) => Promise<boolean> | boolean,
  ): Promise<void> {
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => undefined)
    try {
      await declareDeadLetters(channel)
      const { messageCount } = await channel.checkQueue(deadLetters)
      let kept = 0
      for (let seen = 0; seen < messageCount; seen += 1) {
        const message = await channel.get(deadLetters)
        if (message === false) break
        const letter = toDeadLetter(message)
        const isChosen = (id ?? letter.id) === letter.id && (queue ?? letter.queue) === letter.queue
        if (!isChosen || !(await decide(channel, message, letter))) kept += 1
      }
      // Whatever was not acknowledged goes back to its place. Not by closing the channel, which would count as an
      // attempt of each; only a run that is killed does that.
      channel.nackAll(true)
      await untilBack(channel, kept)
      // Rejects when acks may not have arrived.
      await channel.close()
    } catch (error) {
      await channel.close().catch(() => undefined)
      throw error
    }
  }

  return {
    async list(choice, limit) {
      const found: DeadLetter[] = []
      await walk(choice, (_channel, _message, letter) => {
        found.push(letter)
        return false
      })
      return found.toSorted(byDeath).slice(0, limit)
    },

    async replay(choice) {
      const [replayed, stranded]: [DeadLetter[], DeadLetter[]] = [[], []]
      await walk(choice, async (channel, message, letter) => {
        try {
          await putBack(channel, message, letter.queue)
          channel.ack(message)
          replayed.push(letter)
          return true
        } catch (error) {
          if (!(error instanceof UnroutableError)) throw error
          stranded.push(letter)
          return false
        }
      })
      return { replayed, stranded }
    },

    async drop(choice) {
      const dropped: DeadLetter[] = []
      await walk(choice, (channel, message, letter) => {
        channel.ack(message)
        dropped.push(letter)
        return true
      })
      return dropped
    },

    close: () => connection.close(),
  }
}

/** What is given back is there again a moment later. Another run may have taken it by then. */
async function untilBack(channel: ConfirmChannel, count: number): Promise<void> {
  const deadline = performance.now() + givenBackMs
  while (performance.now() < deadline) {
    if ((await channel.checkQueue(deadLetters)).messageCount >= count) return
    await sleep(10)
  }
}

function putBack(channel: ConfirmChannel, message: GetMessage, queue: string): Promise<void> {
  const { messageId, type, contentType } = message.properties
  const headers = withoutNotes(headersOf(message))
  const options = { messageId, type, contentType, headers, persistent: true, mandatory: true }
  const copy = { exchange: '', routingKey: queue, content: message.content, options }
  return publishWindow(channel, [copy], confirmTimeoutMs)
}

/** Not by their places in the queue: a run that was killed may have turned those. */
const byDeath = (one: DeadLetter, other: DeadLetter): number =>
  (one.diedAt ?? '').localeCompare(other.diedAt ?? '') || one.id.localeCompare(other.id)

/** The most recent death is the first. */
interface Death {
  readonly time?: { readonly value?: number }
}

/** By our notes; where RabbitMQ gave up there are only its own. */
function toDeadLetter(message: GetMessage): DeadLetter {
  const { messageId, type }: { messageId?: string; type?: string } = message.properties
  const headers = headersOf(message)
  const text = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const [death] = (headers['x-death'] ?? []) as readonly Death[]
  const seconds = death?.time?.value
  const ours = text(notes.reason) !== undefined
  return {
    id: messageId ?? '',
    type: type ?? '',
    queue: text(notes.queue) ?? text('x-last-death-queue') ?? '',
    reason: text(notes.reason) ?? text('x-last-death-reason') ?? '',
    error: text(notes.error) ?? '',
    attempts: ours ? attemptsOf(headers) : Number(headers['x-delivery-count'] ?? 0),
    firstFailedAt: text(notes.firstFailedAt) ?? null,
    diedAt: text(notes.diedAt) ?? (seconds === undefined ? null : new Date(seconds * 1_000).toISOString()),
    content: message.content.toString(),
  }
}
