import { createMetrics } from '../metrics.ts'
import { openRedis, type RedisConnection } from '../redis/open-redis.ts'
import { type RestartableRedis, startRestartableRedis } from '../redis/redis-test-parts.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { describeLimiters } from './limiter.contract.ts'
import { redisLimiterFor } from './limiter.redis.ts'
import { consume } from './limiter.ts'

describe('on Redis', () => {
  let server: RestartableRedis
  let replicas: RedisConnection[]
  beforeAll(async () => {
    server = await startRestartableRedis()
  }, 120_000)
  beforeEach(async () => {
    replicas = ['one', 'two'].map((name) => openRedis(server.url, { logger: createSilentLogger(), name }))
    await Promise.all(replicas.map((redis) => redis.ready()))
  })
  afterEach(() => Promise.all(replicas.map((redis) => redis.close())))
  afterAll(() => server?.remove())

  describeLimiters((options) => redisLimiterFor(replicas[0]!, { metrics: createMetrics() })(options))

  it('replicas share their counts', async () => {
    const limiters = replicas.map((redis) =>
      redisLimiterFor(redis, { metrics: createMetrics() })({
        name: 'shared',
        points: 10,
        seconds: 60,
        whenAway: 'refuse',
      }),
    )
    const attempts = limiters.flatMap((limiter) =>
      Array.from({ length: 10 }, () => consume(limiter, 'alice')),
    )
    const results = await Promise.allSettled(attempts)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    for (const limiter of limiters) {
      await expect(consume(limiter, 'alice')).rejects.toMatchObject({ code: 'rate-limited' })
    }
    await limiters[0]?.delete('alice')
    await consume(limiters[1]!, 'alice')
  })
})
