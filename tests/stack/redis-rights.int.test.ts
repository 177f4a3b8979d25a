import { randomUUID } from 'node:crypto'
import { consume } from '@parley/platform/limits/limiter.ts'
import { redisLimiterFor } from '@parley/platform/limits/limiter.redis.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { openRedis, type RedisConnection } from '@parley/platform/redis/open-redis.ts'
import { createRedisBackplane, type RedisBackplane } from '@parley/realtime/backplane.redis.ts'
import { startRedis, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { Redis } from 'ioredis'
import { redisUsersFile, type RedisUser } from '../../deploy/compose/secrets/redis-rights.ts'

const passwords = { auth: 'auth-password', chat: 'chat-password', realtime: 'realtime-password' }

/** Redis with the users that the stack gives it. */
describe('the rights of the services in Redis', () => {
  let server: TestServer
  const logger = createSilentLogger()
  const opened: { close(): Promise<void> }[] = []
  const urlFor = (user: RedisUser): string =>
    server.url.replace('redis://', `redis://${user}:${passwords[user]}@`)

  beforeAll(async () => {
    server = await startRedis()
    const admin = new Redis(server.url)
    for (const line of redisUsersFile(passwords).split('\n')) {
      const [, name, ...rules] = line.split(' ')
      await admin.call('ACL', 'SETUSER', name!, ...rules)
    }
    await admin.quit()
  }, 120_000)
  afterAll(async () => {
    for (const connection of opened) await connection.close()
    await server?.stop()
  }, 60_000)

  async function as(user: RedisUser): Promise<RedisConnection> {
    const connection = openRedis(urlFor(user), { logger, name: 'rights' })
    opened.push(connection)
    await connection.ready()
    return connection
  }

  it('are enough for the limits of auth', async () => {
    const limiterFor = redisLimiterFor(await as('auth'), { metrics: createMetrics() })
    const limiter = limiterFor({ name: 'test', points: 1, seconds: 60, whenAway: 'refuse' })
    await consume(limiter, 'somebody')
    await expect(consume(limiter, 'somebody')).rejects.toMatchObject({ code: 'rate-limited' })
    await limiter.reward('somebody')
    await limiter.delete('somebody')
    await consume(limiter, 'somebody')
  })

  it('are enough for presence, typing and what gateways tell each other', async () => {
    const backplane: RedisBackplane = createRedisBackplane({
      url: urlFor('realtime'),
      presenceTtlMs: 10_000,
      typingTtlMs: 10_000,
      logger,
      metrics: createMetrics(),
    })
    opened.push(backplane)
    await new Promise<void>((resolve) => {
      if (backplane.available()) resolve()
      else backplane.onChange((available) => available && resolve())
    })
    const [userId, connectionId] = [randomUUID(), randomUUID()]
    expect(await backplane.presence.connected({ userId, connectionId })).toBe(true)
    expect(await backplane.presence.online([userId])).toEqual(new Set([userId]))
    expect(await backplane.presence.disconnected({ userId, connectionId })).toBe(true)
    expect(await backplane.typing.started('conversation', userId)).toBe(true)
    expect(await backplane.typing.stopped('conversation', userId)).toBe(true)

    const { client } = await as('realtime')
    const heard = new Promise((resolve) =>
      client.on('smessage', (channel, message) => resolve([channel, message])),
    )
    await client.ssubscribe('parley#/#user:1#')
    const other = await as('realtime')
    await other.client.spublish('parley#/#user:1#', 'hello')
    await expect(heard).resolves.toEqual(['parley#/#user:1#', 'hello'])
    await client.sunsubscribe('parley#/#user:1#')
    await backplane.ping()
  })

  it.each<[RedisUser, string, ...string[]]>([
    ['auth', 'GET', 'parley:presence:somebody'],
    ['auth', 'SET', 'parley:typing:somebody', '1'],
    ['auth', 'SPUBLISH', 'parley#/#user:1#', 'forged'],
    ['auth', 'EVAL', "return redis.call('DEL', KEYS[1])", '1', 'parley:presence:somebody'],
    ['auth', 'SCAN', '0'],
    ['chat', 'GET', 'parley:presence:somebody'],
    ['chat', 'PUBLISH', 'parley#/#user:1#', 'forged'],
    ['realtime', 'GET', 'something else'],
    ['realtime', 'SPUBLISH', 'elsewhere', '1'],
    ['realtime', 'FLUSHALL'],
    ['realtime', 'KEYS', '*'],
    ['realtime', 'CONFIG', 'GET', 'requirepass'],
    ['realtime', 'ACL', 'LIST'],
    ['realtime', 'CLIENT', 'KILL', 'TYPE', 'normal'],
    ['realtime', 'SHUTDOWN'],
  ])('do not let %s do %s %s', async (user, command, ...args) => {
    const { client } = await as(user)
    await expect(client.call(command, ...args)).rejects.toThrow(
      /NOPERM|No permissions|can't run this command/,
    )
  })
})
