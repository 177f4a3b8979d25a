import type { Metrics } from '../metrics.ts'
import { ParleyError } from '../parley-error.ts'
import type { RedisConnection } from '../redis/open-redis.ts'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { LimiterFor } from './limiter.ts'

const retryAfterSeconds = 2

/**
 * Counts in Redis, so for all replicas of the service. While Redis is away each limiter does at once what it
 * was made for (`whenAway`); that Redis is away is in the log, and what is let through meanwhile is counted.
 */
export function redisLimiterFor(redis: RedisConnection, { metrics }: { metrics: Metrics }): LimiterFor {
  const unlimited = metrics.counter(
    'parley_unlimited_requests_total',
    'Requests let through without a rate limit because Redis was away, by limiter',
    ['limiter'],
  )

  return ({ name, points, seconds, whenAway }) => {
    const limiter = new RateLimiterRedis({
      storeClient: redis.client,
      keyPrefix: `parley:limit:${name}`,
      points,
      duration: seconds,
    })

    async function unlessAway(answer: Promise<unknown>): Promise<unknown> {
      try {
        return await answer
      } catch (error) {
        // A count: the limiter works, and refuses.
        if (!(error instanceof Error)) throw error
        if (whenAway === 'refuse') throw new ParleyError('unavailable', { retryAfterSeconds, cause: error })
        unlimited.inc({ limiter: name })
        return undefined
      }
    }

    return {
      consume: (key) => unlessAway(limiter.consume(key)),
      reward: (key) => unlessAway(limiter.reward(key)),
      delete: (key) => unlessAway(limiter.delete(key)),
    }
  }
}
