import type { BucketsFor } from '@parley/platform/limits/buckets.ts'
import type { ChatConfig } from '../config.ts'
import { messageBytes } from '../usage/message-bytes.ts'

/**
 * How much one user may do, on all ways together: HTTP, sockets (what they send comes here with the user's token), and
 * all replicas (see `createBucketsFor` for how exact that is). For people and small bots it is far away; it keeps
 * one user from taking the processors and the disk of all others.
 */
export interface UserLimits {
  /** Before a message is looked at. @throws ParleyError `rate-limited` or `quota-used-up` */
  countSend(userId: string, text: string): void
  /** Before anything is read, and before a receipt. @throws ParleyError `rate-limited` */
  countRead(userId: string): void
  /** After the answer: what costs more than a question is owed before the next one. */
  countAnswer(userId: string, bytes: number): void
}

/** An answer costs a question for each so many bytes: a page of 512 kB takes some ten milliseconds of everybody's. */
const bytesOfQuestion = 16 * 1_024

export function createUserLimits({
  config,
  bucketsFor,
}: {
  config: ChatConfig
  bucketsFor: BucketsFor
}): UserLimits {
  const sends = bucketsFor({
    name: 'sends',
    perSecond: config.SENDS_PER_SECOND,
    burst: config.SENDS_BURST,
  })
  const reads = bucketsFor({
    name: 'reads',
    perSecond: config.READS_PER_SECOND,
    burst: config.READS_BURST,
  })
  const bytes = bucketsFor({
    name: 'bytes',
    perSecond: config.SEND_BYTES_PER_HOUR / 3_600,
    burst: config.SEND_BYTES_PER_HOUR,
    code: 'quota-used-up',
  })

  return {
    countSend(userId, text) {
      sends.take(userId)
      bytes.take(userId, messageBytes(text))
    },
    countRead: (userId) => reads.take(userId),
    countAnswer(userId, length) {
      const more = Math.floor(length / bytesOfQuestion)
      if (more > 0) reads.spend(userId, more)
    },
  }
}
