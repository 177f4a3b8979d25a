import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createMetrics, type Metrics } from '../metrics.ts'
import { openRedis, type RedisConnection } from '../redis/open-redis.ts'
import { type RestartableRedis, startRestartableRedis } from '../redis/redis-test-parts.ts'
import { createRedisBucketExchange } from './bucket-exchange.redis.ts'
import { type BucketOptions, type Buckets, createBucketsFor } from './buckets.ts'

describe('buckets of replicas on Redis', () => {
  let server: RestartableRedis
  let replicas: RedisConnection[]
  let metrics: Metrics[]
  beforeAll(async () => {
    server = await startRestartableRedis()
  }, 120_000)
  beforeEach(async () => {
    replicas = ['one', 'two'].map((name) => openRedis(server.url, { logger: createSilentLogger(), name }))
    metrics = replicas.map(() => createMetrics())
    await Promise.all(replicas.map((redis) => redis.ready()))
  })
  afterEach(() => Promise.all(replicas.map((redis) => redis.close())))
  afterAll(() => server?.remove())

  const make = (options: BucketOptions): Buckets[] =>
    replicas.map((redis, index) =>
      createBucketsFor({
        metrics: metrics[index]!,
        exchange: createRedisBucketExchange(redis),
        everyMs: 20,
      })(options),
    )
  /** Until it is refused: how often it gave, and the wait that it asks for. */
  function drain(buckets: Buckets, key: string): { given: number; waitSeconds: number } {
    for (let given = 0; ; given += 1) {
      try {
        buckets.take(key)
      } catch (error) {
        const { details } = error as { details: { retryAfterSeconds: number } }
        return { given, waitSeconds: details.retryAfterSeconds }
      }
    }
  }
  const unsettled = async (index: number): Promise<number> => {
    const metric = await metrics[index]?.registry.getSingleMetric('parley_limits_unsettled_total')?.get()
    return metric?.values[0]?.value ?? 0
  }

  it('is settled: what both gave out together is owed to both', async () => {
    const [one, other] = make({ name: 'owed', perSecond: 0.1, burst: 10 })
    expect(drain(one!, 'alice')).toEqual({ given: 10, waitSeconds: 10 })
    expect(drain(other!, 'alice').given).toBe(10)
    // Ten are owed, and one more is wanted, at a tenth of a token a second.
    for (const buckets of [one!, other!]) {
      await eventually(() => {
        const { given, waitSeconds } = drain(buckets, 'alice')
        expect(given).toBe(0)
        expect(waitSeconds).toBeGreaterThan(100)
      })
    }
    expect(drain(one!, 'bob').given).toBe(10)
  })

  it('holds many keys in one exchange', async () => {
    const [one, other] = make({ name: 'many', perSecond: 0.01, burst: 2 })
    const keys = Array.from({ length: 1_200 }, (_, index) => `user ${index}`)
    for (const key of keys) one!.take(key, 2)
    // One of each is enough to hear of what the other replica gave out.
    await eventually(async () => {
      for (const key of keys) {
        try {
          other!.take(key)
        } catch {
          continue
        }
      }
      expect(keys.map((key) => drain(other!, key).given)).toEqual(keys.map(() => 0))
    })
  })

  it('goes on by itself while Redis is away, and settles again when it is back', async () => {
    const [one, other] = make({ name: 'away', perSecond: 0.1, burst: 10 })
    await server.stop()
    await eventually(() => expect(replicas.map((redis) => redis.isReady())).toEqual([false, false]))
    expect([drain(one!, 'alice').given, drain(other!, 'alice').given]).toEqual([10, 10])
    await eventually(async () => expect([await unsettled(0), await unsettled(1)]).toEqual([1, 1]))

    await server.start()
    await Promise.all(replicas.map((redis) => redis.ready()))
    expect([drain(one!, 'bob').given, drain(other!, 'bob').given]).toEqual([10, 10])
    await eventually(() => expect(drain(one!, 'bob').waitSeconds).toBeGreaterThan(100))
  }, 60_000)
})
