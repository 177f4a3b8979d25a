import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { v7 } from 'uuid'
import { isRetryable, ParleyClientError, retryAfterMs } from '../client-error.ts'
import { linkAbort, orAborted } from '../time/abort.ts'
import type { Backoff } from '../time/backoff.ts'
import { sleep, type Timers } from '../time/timers.ts'
import { createLanes } from './lanes.ts'

interface Content {
  readonly text: string
  /**
   * Names this message: sent again with every retry, so that it is stored once. The client makes one up;
   * give your own to go on with a message that an earlier run of the app did not see accepted.
   */
  readonly clientId?: string | undefined
}

/** A message, into a conversation or to a person (whose conversation with the user may be yet to begin). */
export type OutgoingMessage =
  | (Content & {
      readonly conversationId: string
      readonly replyTo?: string | undefined
      readonly to?: never
    })
  | (Content & { readonly to: string; readonly replyTo?: never; readonly conversationId?: never })

/** One attempt to send; several may be needed. */
export type SendOnce = (
  message: OutgoingMessage & { readonly clientId: string },
  signal: AbortSignal,
) => Promise<TimelineEntry>

/**
 * Sends messages until they are accepted.
 *
 * Guarantees: a message is tried with the same `clientId` until the server accepts it or refuses it for
 * good, however often the outcome of a try stays unknown; messages into one conversation (or to one person)
 * are accepted in the order of their `send` calls.
 */
export interface Sender {
  /** @throws ParleyClientError when refused for good, or the reason of `signal`: the message may have been sent */
  send(message: OutgoingMessage, signal?: AbortSignal): Promise<TimelineEntry>
  /** There is a connection again: what waits for its next try need not wait longer. */
  wake(): void
  /** Rejects what is not accepted yet. */
  close(reason: unknown): void
}

/**
 * @param bySocket undefined while there is no connection
 * @param onAccepted told before `send` resolves
 */
export function createSender({
  bySocket,
  byHttp,
  onAccepted,
  timers,
  backoff,
}: {
  bySocket: () => SendOnce | undefined
  byHttp: SendOnce
  onAccepted: (entry: TimelineEntry) => void
  timers: Timers
  backoff: Backoff
}): Sender {
  const inOrder = createLanes()
  const closing = new AbortController()
  const waiting = new Set<() => void>()

  async function sendUntilAccepted(
    message: OutgoingMessage & { clientId: string },
    signal: AbortSignal,
  ): Promise<TimelineEntry> {
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted()
      try {
        // In turn, so that neither way can hold up a message for ever when only the other one works.
        const sendOnce = (failures % 2 === 0 ? bySocket() : undefined) ?? byHttp
        const entry = await sendOnce(message, signal)
        onAccepted(entry)
        return entry
      } catch (error) {
        if (!isRetryable(error)) throw error
        await waitForNextTry(failures, error, signal)
      }
    }
  }

  async function waitForNextTry(failures: number, error: unknown, signal: AbortSignal): Promise<void> {
    const pause = linkAbort(signal)
    // What the server is too busy for is not tried earlier than it asked.
    const mayWake = error instanceof ParleyClientError && error.problem === undefined
    const wake = (): void => pause.abort()
    if (mayWake) waiting.add(wake)
    await sleep(timers, backoff(failures, retryAfterMs(error)), pause.signal)
    waiting.delete(wake)
    pause.release()
  }

  return {
    async send(message, signal) {
      const { clientId = v7() } = message
      const abort = linkAbort(signal, closing.signal)
      try {
        const lane = message.conversationId ?? message.to
        const accepted = inOrder(lane, () => sendUntilAccepted({ ...message, clientId }, abort.signal))
        return await orAborted(accepted, abort.signal)
      } finally {
        abort.release()
      }
    },
    wake() {
      for (const wake of waiting) wake()
    },
    close: (reason) => closing.abort(reason),
  }
}
