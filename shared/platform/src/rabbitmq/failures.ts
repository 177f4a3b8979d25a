import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Logger } from '../log.ts'
import type { BusMetrics } from './bus-metrics.ts'
import type { KeptChannel } from './kept-channel.ts'
import { publishWindow } from './publish-window.ts'
import { deadLetters, declareRetryQueue, retryQueueOf } from './topology.ts'

/** Why something is among the dead letters: it failed every time, or nobody can read it. */
export type DeathReason = 'failed' | 'malformed'

/** What a dead letter says about itself, as headers. */
export const deathHeaders = {
  queue: 'x-parley-queue',
  reason: 'x-parley-reason',
  error: 'x-parley-error',
  attempts: 'x-parley-attempts',
  firstFailedAt: 'x-parley-first-failed-at',
  diedAt: 'x-parley-died-at',
} as const

/**
 * Where messages go that could not be handled. Each resolves once the broker has the copy, so that the
 * original can be acknowledged; in between there may be two, which the consumer's dedupe absorbs.
 */
export interface Failures {
  /** Puts a message aside until its next try, or to the dead letters after the last one. */
  failed(queue: string, message: ConsumeMessage, error: unknown): Promise<void>
  /** Straight to the dead letters. */
  malformed(queue: string, message: ConsumeMessage, error: unknown): Promise<void>
}

const confirmTimeoutMs = 10_000

/** @param gapsMs waits before the second try, the third … */
export function createFailures({
  channel: kept,
  gapsMs,
  logger,
  metrics,
}: {
  channel: KeptChannel<ConfirmChannel>
  gapsMs: readonly number[]
  logger: Logger
  metrics: BusMetrics
}): Failures {
  /** By channel, since queues may be gone after a reconnect. */
  const declared = new WeakMap<ConfirmChannel, Map<string, Promise<void>>>()

  function declareOnce(channel: ConfirmChannel, queue: string, gapMs: number): Promise<void> {
    const queues = declared.get(channel) ?? new Map<string, Promise<void>>()
    declared.set(channel, queues)
    const name = retryQueueOf(queue, gapMs)
    const declaring = queues.get(name) ?? declareRetryQueue(channel, queue, gapMs)
    queues.set(name, declaring)
    return declaring
  }

  function requireChannel(): ConfirmChannel {
    const channel = kept.current()
    if (channel === undefined) throw new Error('the broker is away')
    return channel
  }

  async function copy(
    channel: ConfirmChannel,
    to: { exchange: string; routingKey: string },
    { content, properties }: ConsumeMessage,
    headers: Record<string, unknown>,
  ): Promise<void> {
    const { messageId, type, contentType } = properties
    const options = {
      messageId,
      type,
      contentType,
      persistent: true,
      headers: { ...properties.headers, ...headers },
    }
    await publishWindow(channel, [{ ...to, content, options }], confirmTimeoutMs)
  }

  async function bury(
    queue: string,
    message: ConsumeMessage,
    reason: DeathReason,
    headers: Record<string, unknown>,
  ): Promise<void> {
    const death = {
      ...headers,
      [deathHeaders.queue]: queue,
      [deathHeaders.reason]: reason,
      [deathHeaders.diedAt]: new Date().toISOString(),
    }
    await copy(requireChannel(), { exchange: deadLetters, routingKey: queue }, message, death)
    metrics.deadLettered.inc({ queue, reason })
    logger.error(
      { queue, reason, eventId: message.properties.messageId as unknown, ...headers },
      'dead letter',
    )
  }

  return {
    async failed(queue, message, error) {
      const before = message.properties.headers ?? {}
      const attempts = attemptsOf(message) + 1
      const headers = {
        [deathHeaders.attempts]: attempts,
        [deathHeaders.error]: textOf(error),
        [deathHeaders.firstFailedAt]: before[deathHeaders.firstFailedAt] ?? new Date().toISOString(),
      }
      const gapMs = gapsMs[attempts - 1]
      if (gapMs === undefined) return await bury(queue, message, 'failed', headers)
      const channel = requireChannel()
      await declareOnce(channel, queue, gapMs)
      await copy(channel, { exchange: '', routingKey: retryQueueOf(queue, gapMs) }, message, headers)
      metrics.retried.inc({ queue })
      logger.warn(
        { err: error, queue, eventId: message.properties.messageId as unknown, attempts, gapMs },
        'not handled, tried again later',
      )
    },
    malformed: (queue, message, error) =>
      bury(queue, message, 'malformed', { [deathHeaders.error]: textOf(error) }),
  }
}

const attemptsOf = ({ properties }: ConsumeMessage): number =>
  Number(properties.headers?.[deathHeaders.attempts] ?? 0)

/** Headers are frames: a long text would not fit. */
const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 500)
