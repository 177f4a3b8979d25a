import { ParleyError } from '@parley/platform/parley-error.ts'
import { type RateLimiterAbstract, RateLimiterMemory } from 'rate-limiter-flexible'

/** Counts by key, in a window that begins with a key's first point: what we use of rate-limiter-flexible. */
export type Limiter = Pick<RateLimiterAbstract, 'consume' | 'reward' | 'delete'>

/** Makes a limiter; its name sets its counts apart from those of others in the same storage. */
export type LimiterFor = (options: { name: string; points: number; seconds: number }) => Limiter

/** Counts in memory, so for one process. */
export const memoryLimiterFor: LimiterFor = ({ name, points, seconds }) =>
  new RateLimiterMemory({ keyPrefix: name, points, duration: seconds })

/** @throws ParleyError `rate-limited` when the window's points are used up */
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
