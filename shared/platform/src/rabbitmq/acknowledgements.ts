import amqp, { type Channel, type ConsumeMessage } from 'amqplib'

/** Acknowledges what was handled, in groups: one frame for many messages. */
export interface Acknowledgements {
  /** Takes note of a message that came in. Call it in the order in which they come. */
  received(message: ConsumeMessage): void
  /** It is done with; its ack goes out soon, together with others. */
  handled(message: ConsumeMessage): void
  /** It goes back to its queue at once, without counting as a failure. */
  returned(message: ConsumeMessage): void
  /** It goes back to its queue at once, and counts: beyond the queue's limit it is a dead letter. */
  failed(message: ConsumeMessage): void
  /** Sends what is due now. */
  flush(): void
}

/**
 * Messages may be done with in any order. Acks of the oldest ones go out as one; what was done with behind an
 * older one that takes its time waits for it, but only until that is half of the prefetch.
 *
 * Never throws: on a channel that is closed by now there is nothing to acknowledge, its messages come again.
 * @param prefetch how many messages may be unacknowledged
 * @param gatherMs how long an ack may wait for others: to a quorum queue each is a command that all its replicas
 *   store, like a message. With 0 it waits for the end of this turn of the event loop, and so does a fourth of the
 *   prefetch that is done with
 */
export function createAcknowledgements(
  channel: Pick<Channel, 'ack' | 'nack' | 'reject'>,
  prefetch: number,
  gatherMs = 0,
): Acknowledgements {
  /** In order of delivery, whether each is done with. */
  const open = new Map<ConsumeMessage, boolean>()
  let done = 0
  let flushing = false
  let later: NodeJS.Timeout | undefined

  function send(frame: () => void): void {
    try {
      frame()
    } catch (error) {
      if (!(error instanceof amqp.IllegalOperationError)) throw error
      open.clear()
    }
  }

  function flush(): void {
    flushing = false
    clearTimeout(later)
    later = undefined
    let last: ConsumeMessage | undefined
    for (const [message, isDone] of open) {
      if (!isDone) break
      last = message
      open.delete(message)
    }
    const newest = last
    if (newest !== undefined) send(() => channel.ack(newest, true))

    const waiting = [...open].filter(([, isDone]) => isDone)
    done = waiting.length
    if (waiting.length === 0 || waiting.length < prefetch / 2) return
    done = 0
    for (const [message] of waiting) {
      open.delete(message)
      send(() => channel.ack(message))
    }
  }

  function flushSoon(): void {
    if (flushing) return
    if (gatherMs > 0 && done < prefetch / 4) {
      later ??= setTimeout(flush, gatherMs)
      return
    }
    flushing = true
    setImmediate(flush)
  }

  function giveBack(message: ConsumeMessage, frame: () => void): void {
    if (!open.delete(message)) return
    send(frame)
    // Others may have waited for it.
    flushSoon()
  }

  return {
    received(message) {
      open.set(message, false)
    },
    handled(message) {
      if (!open.has(message)) return
      open.set(message, true)
      done += 1
      flushSoon()
    },
    returned: (message) => giveBack(message, () => channel.nack(message, false, true)),
    failed: (message) => giveBack(message, () => channel.reject(message, true)),
    flush,
  }
}
