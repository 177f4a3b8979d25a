import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRedis, type RedisConnection } from '@parley/platform/redis/open-redis.ts'
import { startRedis, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { describePresenceStore } from './presence-store.contract.ts'
import { createRedisPresenceStore } from './presence-store.redis.ts'
import { describeTypingStore } from './typing-store.contract.ts'
import { createRedisTypingStore } from './typing-store.redis.ts'

describe('on Redis', () => {
  let server: TestServer
  let redis: RedisConnection
  beforeAll(async () => {
    server = await startRedis()
    redis = openRedis(server.url, { logger: createSilentLogger(), name: 'stores' })
    await redis.ready()
  }, 120_000)
  afterAll(async () => {
    await redis?.close()
    await server?.stop()
  })

  const wait = async (ms: number): Promise<void> => sleep(ms)
  const close = async (): Promise<void> => {}
  describePresenceStore(async ({ ttlMs }) => ({
    store: createRedisPresenceStore({ redis, ttlMs }),
    wait,
    close,
  }))
  describeTypingStore(async ({ ttlMs }) => ({ store: createRedisTypingStore({ redis, ttlMs }), wait, close }))

  describe('presence of many', () => {
    const connections = Array.from({ length: 5_000 }, () => ({
      userId: randomUUID(),
      connectionId: randomUUID(),
    }))
    const userIds = connections.map(({ userId }) => userId)

    it('is refreshed and read for thousands at once, each answered in its place', async () => {
      const store = createRedisPresenceStore({ redis, ttlMs: 60_000 })
      const some = connections.filter((_, index) => index % 3 === 0)
      await store.refresh(some)
      const rest = userIds.filter((_, index) => index % 3 !== 0)
      expect(await store.online(userIds)).toEqual(new Set(some.map(({ userId }) => userId)))
      expect(await store.refresh(connections)).toEqual(rest)
      expect(await store.online(userIds)).toEqual(new Set(userIds))
    })

    it('costs a few commands for each user, however many connections that one has', async () => {
      const store = createRedisPresenceStore({ redis, ttlMs: 100 })
      const userId = randomUUID()
      const sockets = connections.slice(0, 2_000).map(({ connectionId }) => ({ userId, connectionId }))
      await redis.client.config('RESETSTAT')
      expect(await store.refresh(sockets)).toEqual([userId])
      const stats = await redis.client.info('commandstats')
      const calls = [...stats.matchAll(/calls=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
      expect(calls).toBeLessThan(100)
    })

    it('leaves nothing behind', async () => {
      const store = createRedisPresenceStore({ redis, ttlMs: 100 })
      await store.refresh(connections)
      await sleep(200)
      const [, keys] = await redis.client.scan(0, 'MATCH', 'parley:presence:*', 'COUNT', 100_000)
      expect(keys).toEqual([])
    })
  })

  it('says that a user came online to one of many gateways that add a connection at once', async () => {
    const store = createRedisPresenceStore({ redis, ttlMs: 60_000 })
    const userId = randomUUID()
    const devices = Array.from({ length: 20 }, () => ({ userId, connectionId: randomUUID() }))
    const came = await Promise.all(devices.map((device) => store.connected(device)))
    expect(came.filter(Boolean)).toHaveLength(1)
    const gone = await Promise.all(devices.map((device) => store.disconnected(device)))
    expect(gone.filter(Boolean)).toHaveLength(1)
  })
})
