import { LRUCache } from 'lru-cache'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { ParleyError } from '../parley-error.ts'

/** Counts by key, in a window that begins with a key's first point: what we use of rate-limiter-flexible. */
export interface Limiter {
  /** Takes a point. Rejects with the count when there is none left, and with an Error when it does not work. */
  consume(key: string): Promise<unknown>
  /** Gives a point back. */
  reward(key: string): Promise<unknown>
  /** Forgets what was counted. */
  delete(key: string): Promise<unknown>
}

export interface LimiterOptions {
  /** Sets its counts apart from those of other limiters in the same storage. */
  readonly name: string
  /** How many a key has in a window of so many seconds. */
  readonly points: number
  readonly seconds: number
  /**
   * While the storage is away: `refuse` with `unavailable` what must not go unlimited, such as guessing
   * passwords, or `allow` what is limited only to spare work.
   */
  readonly whenAway: 'refuse' | 'allow'
}
export type LimiterFor = (options: LimiterOptions) => Limiter

/** Whoever has a /32 of IPv6 has more networks than a process has memory. */
const mostKeys = 10_000

/** Counts in memory, so for one process. Beyond so many keys, the one that was used longest ago is forgotten. */
export const memoryLimiterFor: LimiterFor = ({ name, points, seconds }) => {
  const limiter = new RateLimiterMemory({ keyPrefix: name, points, duration: seconds })
  const keys = new LRUCache<string, true>({
    max: mostKeys,
    dispose: (_, key, reason) => {
      if (reason === 'evict') void limiter.delete(key)
    },
  })
  return {
    async consume(key) {
      keys.set(key, true)
      return await limiter.consume(key)
    },
    async reward(key) {
      keys.set(key, true)
      return await limiter.reward(key)
    },
    async delete(key) {
      keys.delete(key)
      return await limiter.delete(key)
    },
  }
}

/** @throws ParleyError `rate-limited` when the window's points are used up, or `unavailable` */
export async function consume(limiter: Limiter, key: string): Promise<void> {
  try {
    await limiter.consume(key)
  } catch (refusal) {
    // A limiter refuses by rejecting with its count; an Error means that it does not work.
    if (refusal instanceof Error) throw refusal
    const { msBeforeNext } = refusal as { msBeforeNext: number }
    throw new ParleyError('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)) })
  }
}
