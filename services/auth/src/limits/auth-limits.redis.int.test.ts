import { redisLimiterFor } from '@parley/platform/limits/limiter.redis.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { openRedis } from '@parley/platform/redis/open-redis.ts'
import { type RestartableRedis, startRestartableRedis } from '@parley/platform/redis/redis-test-parts.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { authConfig } from '../config.ts'
import { createAuthLimits } from './auth-limits.ts'

describe('the limits of auth on Redis', () => {
  let server: RestartableRedis
  beforeAll(async () => {
    server = await startRestartableRedis()
  }, 120_000)
  afterAll(() => server?.remove())

  it('refuses logins and allows searches while Redis is away, and counts again when it is back', async () => {
    const metrics = createMetrics()
    const redis = openRedis(server.url, { logger: createSilentLogger(), name: 'limits' })
    await redis.ready()
    const config = authConfig.parse({ SEARCHES_PER_USER: 1, LOGIN_FAILURES_PER_ACCOUNT: 1 })
    const limits = createAuthLimits({ config, limiterFor: redisLimiterFor(redis, { metrics }) })
    const unavailable = { code: 'unavailable', details: { retryAfterSeconds: 2 } }
    const address = '203.0.113.7'
    const from = (email: string) => ({ email, address, device: undefined })

    const underWay = await limits.beginLogin(from('carol@example.com'))
    await server.stop()
    await eventually(() => expect(redis.isReady()).toBe(false))
    await expect(limits.beginLogin(from('alice@example.com'))).rejects.toMatchObject(unavailable)
    await expect(limits.countRegistration(address)).rejects.toMatchObject(unavailable)
    await expect(underWay.succeed()).rejects.toMatchObject(unavailable)
    for (let time = 0; time < 3; time += 1) await limits.countSearch('alice')
    const counted = await metrics.registry.getSingleMetric('parley_unlimited_requests_total')?.get()
    expect(counted?.values).toMatchObject([{ labels: { limiter: 'user-searches' }, value: 3 }])

    await server.start()
    await redis.ready()
    // One in the window, and one more slowly.
    for (let time = 0; time < 2; time += 1) await limits.beginLogin(from('alice@example.com'))
    const limited = { code: 'rate-limited' }
    await expect(limits.beginLogin(from('alice@example.com'))).rejects.toMatchObject(limited)
    await limits.countSearch('alice')
    await expect(limits.countSearch('alice')).rejects.toMatchObject(limited)
    await redis.close()
  }, 60_000)
})
