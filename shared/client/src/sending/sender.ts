import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { v7 } from 'uuid'
import { isRetryable, ParleyClientError, retryAfterMs } from '../client-error.ts'
import { linkAbort, orAborted } from '../time/abort.ts'
import type { Backoff } from '../time/backoff.ts'
import { sleep, type Timers } from '../time/timers.ts'
import { createLanes } from './lanes.ts'
import { createSendBothWays } from './send-both-ways.ts'
import { createUnsent, type UnsentItem, type UnsentMessage } from './unsent.ts'

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
 * are accepted in the order of their `send` calls. Bounded: beyond `maxUnsent` messages are refused.
 */
export interface Sender {
  /**
   * @throws ParleyClientError when refused for good, `queue-full` when it was not taken at all, or the reason
   *   of `signal`: the message may have been sent
   */
  send(message: OutgoingMessage | UnsentMessage, signal?: AbortSignal): Promise<TimelineEntry>
  /** What is not accepted yet, in the order of sending; after `close` what was not accepted then. */
  readonly unsent: readonly UnsentMessage[]
  /** There is a connection again: what waits for its next try need not wait longer. */
  wake(): void
  /** Rejects what is not accepted yet. */
  close(reason: unknown): void
}

/**
 * @param bySocket undefined while there is no connection
 * @param onAccepted told before `send` resolves
 * @param onUnsent told on each change of `unsent`
 */
export function createSender({
  bySocket,
  byHttp,
  onAccepted,
  onUnsent,
  maxUnsent,
  timers,
  backoff,
}: {
  bySocket: () => SendOnce | undefined
  byHttp: SendOnce
  onAccepted: (entry: TimelineEntry) => void
  onUnsent: (unsent: readonly UnsentMessage[]) => void
  maxUnsent: number
  timers: Timers
  backoff: Backoff
}): Sender {
  const inOrder = createLanes()
  const closing = new AbortController()
  const waiting = new Set<() => void>()
  const sendBothWays = createSendBothWays({
    bySocket,
    byHttp,
    onConnected(listener) {
      waiting.add(listener)
      return () => waiting.delete(listener)
    },
    timers,
  })
  const unsent = createUnsent(onUnsent)
  /** Messages that hold memory: also those given up, until their turn comes in their lane. */
  let held = 0

  async function sendUntilAccepted(item: UnsentItem, signal: AbortSignal): Promise<TimelineEntry> {
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted()
      try {
        // In turn, so that neither way can hold up a message for ever when only the other one works.
        const sendOnce = (failures % 2 === 0 ? bySocket() : undefined) ?? sendBothWays
        const entry = await sendOnce(item.message, signal)
        onAccepted(entry)
        return entry
      } catch (error) {
        // The session has ended: that says nothing about the message.
        if (error instanceof ParleyClientError && error.code === 'refresh-token-invalid')
          throw new ParleyClientError('not-logged-in', { cause: error })
        if (!isRetryable(error)) throw error
        if (signal.aborted) continue
        item.failed(error)
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
      signal?.throwIfAborted()
      closing.signal.throwIfAborted()
      if (held >= maxUnsent) throw new ParleyClientError('queue-full')
      held += 1
      const { clientId = v7() } = message
      const since = 'since' in message ? message.since : timers.now()
      const item = unsent.add({ ...message, clientId }, since)
      const abort = linkAbort(signal, closing.signal)
      try {
        const lane = message.conversationId ?? message.to
        const accepted = inOrder(lane, () => sendUntilAccepted(item, abort.signal))
        return await orAborted(
          accepted.finally(() => (held -= 1)),
          abort.signal,
        )
      } finally {
        abort.release()
        if (!closing.signal.aborted) item.leave()
      }
    },
    get unsent() {
      return unsent.messages
    },
    wake() {
      for (const wake of waiting) wake()
    },
    close: (reason) => closing.abort(reason),
  }
}
