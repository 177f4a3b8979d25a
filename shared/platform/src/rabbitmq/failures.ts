import { randomUUID } from 'node:crypto'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Logger } from '../log.ts'
import type { BusMetrics } from './bus-metrics.ts'
import type { KeptChannel } from './kept-channel.ts'
import { attemptsOf, type Headers, headersOf, notes, withoutBrokerNotes } from './notes.ts'
import { publishWindow } from './publish-window.ts'
import { deadLetters, retryQueueOf, roomsOf } from './topology.ts'
import { OwnError } from '../own-error.ts'
import { errorInWords } from '../log-errors/describe-error.ts'

/** Why something is among the dead letters: it failed every time, or nobody can read it. */
type DeathReason = 'failed' | 'malformed'

/**
 * Where messages go that could not be handled. Each resolves once the broker has the copy, so that the
 * original can be acknowledged; should that ack be lost there are two, and each goes its way.
 * @throws when the broker has not confirmed the copy; UnroutableError when its queue is gone
 */
export interface Failures {
  /** Puts a message aside until its next try, or to the dead letters after the last one. */
  failed(queue: string, message: ConsumeMessage, error: unknown): Promise<void>
  /** Straight to the dead letters. */
  malformed(queue: string, message: ConsumeMessage, error: unknown): Promise<void>
}

/**
 * @param channel the queues are there already: a consumer declares them with its own
 * @param gapsMs waits before the second try, the third …
 */
export function createFailures({
  channel: kept,
  gapsMs,
  confirmTimeoutMs,
  logger,
  metrics,
}: {
  channel: KeptChannel<ConfirmChannel>
  gapsMs: readonly number[]
  confirmTimeoutMs: number
  logger: Logger
  metrics: BusMetrics
}): Failures {
  async function copy(
    { content, properties }: ConsumeMessage,
    to: { exchange: string; routingKey: string },
    headers: Headers,
  ): Promise<void> {
    const channel = kept.current()
    if (channel === undefined) throw new OwnError('the broker is away')
    const { messageId, type, contentType } = properties
    const options = { messageId, type, contentType, headers, persistent: true, mandatory: true }
    await publishWindow(channel, [{ ...to, content, options }], confirmTimeoutMs)
  }

  async function bury(
    queue: string,
    message: ConsumeMessage,
    reason: DeathReason,
    error: unknown,
    headers: Headers,
  ): Promise<void> {
    const death = {
      [notes.queue]: queue,
      [notes.reason]: reason,
      [notes.diedAt]: new Date().toISOString(),
    }
    // Whatever came without an id needs one, to be asked for.
    message.properties.messageId ??= randomUUID()
    await copy(message, { exchange: deadLetters, routingKey: queue }, { ...headers, ...death })
    metrics.deadLettered.inc({ queue, reason })
    logger.error({ err: error, queue, reason, ...described(message, headers) }, 'dead letter')
  }

  return {
    async failed(queue, message, error) {
      const before = headersOf(message)
      const attempts = attemptsOf(before) + 1
      const headers: Headers = {
        ...withoutBrokerNotes(before),
        [notes.attempts]: attempts,
        [notes.error]: textOf(error),
        [notes.firstFailedAt]: before[notes.firstFailedAt] ?? new Date().toISOString(),
      }
      const gapMs = gapsMs[attempts - 1]
      if (gapMs === undefined) return await bury(queue, message, 'failed', error, headers)
      await copy(message, { exchange: roomsOf(queue), routingKey: retryQueueOf(queue, gapMs) }, headers)
      metrics.retried.inc({ queue })
      logger.warn(
        { err: error, queue, gapMs, ...described(message, headers) },
        'not handled, tried again later',
      )
    },
    malformed: (queue, message, error) =>
      bury(queue, message, 'malformed', error, {
        ...withoutBrokerNotes(headersOf(message)),
        [notes.error]: textOf(error),
      }),
  }
}

const described = ({ properties }: ConsumeMessage, headers: Headers) => ({
  eventId: properties.messageId as unknown,
  type: properties.type as unknown,
  attempts: attemptsOf(headers),
})

/** Headers are part of one frame: a long text would not fit. */
const textOf = (error: unknown): string => errorInWords(error).slice(0, 500)

/** Of a queue that goes away with its process: a copy for later would have nobody to come back to. */
export function noRetries(logger: Logger): Failures {
  const drop = async (queue: string, { properties }: ConsumeMessage, error: unknown): Promise<void> => {
    logger.error({ err: error, queue, eventId: properties.messageId as unknown }, 'event dropped')
  }
  return { failed: drop, malformed: drop }
}
