import { createMetrics, type Metrics } from '@parley/platform/metrics.ts'
import { openRedis, type RedisConnection } from '@parley/platform/redis/open-redis.ts'
import { type RestartableRedis, startRestartableRedis } from '@parley/platform/redis/redis-test-parts.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { authConfig } from '../config.ts'
import { createAuthLimits } from './auth-limits.ts'
import { describeLimiters } from './limiter.contract.ts'
import { redisLimiterFor } from './limiter.redis.ts'
import { consume } from './limiter.ts'

describe('on Redis', () => {
  let server: RestartableRedis
  let metrics: Metrics
  let replicas: RedisConnection[]
  beforeAll(async () => {
    server = await startRestartableRedis()
  }, 120_000)
  beforeEach(async () => {
    metrics = createMetrics()
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

  it('refuses logins and allows searches while Redis is away, and counts again when it is back', async () => {
    const config = authConfig.parse({ SEARCHES_PER_USER: 1, LOGIN_FAILURES_PER_ACCOUNT: 1 })
    const limits = createAuthLimits({ config, limiterFor: redisLimiterFor(replicas[0]!, { metrics }) })
    const unavailable = { code: 'unavailable', details: { retryAfterSeconds: 2 } }
    const address = '203.0.113.7'

    const underWay = await limits.beginLogin('carol@example.com', address)
    await server.stop()
    await eventually(() => expect(replicas[0]?.isReady()).toBe(false))
    await expect(limits.beginLogin('alice@example.com', address)).rejects.toMatchObject(unavailable)
    await expect(limits.countAttempt(address)).rejects.toMatchObject(unavailable)
    await expect(underWay.succeed()).rejects.toMatchObject(unavailable)
    for (let time = 0; time < 3; time += 1) await limits.countSearch('alice')
    const counted = await metrics.registry.getSingleMetric('parley_unlimited_requests_total')?.get()
    expect(counted?.values).toMatchObject([{ labels: { limiter: 'user-searches' }, value: 3 }])

    await server.start()
    await Promise.all(replicas.map((redis) => redis.ready()))
    await limits.beginLogin('alice@example.com', address)
    const limited = { code: 'rate-limited' }
    await expect(limits.beginLogin('alice@example.com', address)).rejects.toMatchObject(limited)
    await limits.countSearch('alice')
    await expect(limits.countSearch('alice')).rejects.toMatchObject(limited)
  }, 60_000)
})
