import { randomBytes } from 'node:crypto'
import type { ChatStores } from '@parley/chat/stores.ts'
import { openMongoChatStores } from '@parley/chat/stores.mongo.ts'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { startMongo, startRabbitMq, startRedis, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { countPending } from '../traffic/read-database.ts'
import { expectNothingLostOrDoubled, expectSoundWreck, readMetric, readWreck, sweepSoon } from './outcome.ts'
import { messagesInAll, openPeople, patienceMs, type People } from './people.ts'
import { type Environment, freePorts, migrate, type ServiceProcess, startService } from './service-process.ts'

const fanout = { queue: 'realtime.fanout' }

describe('the services of the stack, killed', () => {
  const servers: TestServer[] = []
  const services: Record<string, ServiceProcess> = {}
  let start: (service: 'auth' | 'chat' | 'realtime', env?: Environment) => Promise<ServiceProcess>
  let stores: ChatStores
  let people: People | undefined

  beforeAll(async () => {
    const [mongo, redis, rabbitMq] = await Promise.all([startMongo(), startRedis(), startRabbitMq()])
    servers.push(mongo, redis, rabbitMq)
    const [auth = 0, chat = 0, realtime = 0, ...ofMetrics] = await freePorts(6)
    const ports = {
      auth: [auth, ofMetrics[0]!],
      chat: [chat, ofMetrics[1]!],
      realtime: [realtime, ofMetrics[2]!],
    } as const
    const databases = {
      auth: { MONGO_URL: `${mongo.url}/parley-auth` },
      chat: { MONGO_URL: `${mongo.url}/parley-chat` },
      realtime: {},
    }
    const common: Environment = {
      REDIS_URL: redis.url,
      RABBITMQ_URL: rabbitMq.url,
      AUTH_URL: `http://127.0.0.1:${auth}`,
      CHAT_URL: `http://127.0.0.1:${chat}`,
      SIGNING_KEY: createSigningKeyPem(),
      REFRESH_SECRET: randomBytes(32).toString('base64url'),
      BCRYPT_COST: '4',
    }
    start = async (service, env = {}) => {
      const started = await startService(service, ports[service], {
        ...common,
        ...databases[service],
        ...env,
      })
      services[service] = started
      return started
    }
    await Promise.all([migrate('auth', databases.auth), migrate('chat', databases.chat)])
    stores = await openMongoChatStores(databases.chat.MONGO_URL, { logger: createSilentLogger() })
    // Its event would be counted among those of messages.
    await stores.epoch.current()
    await stores.epoch.markAnnounced()
    await start('auth')
  }, 120_000)
  afterEach(async () => {
    people?.close()
    // In order, so that the next test finds nothing that was not marked or acknowledged yet.
    await services['chat']?.end('SIGTERM')
    await services['realtime']?.end('SIGTERM')
  })
  afterAll(async () => {
    await services['auth']?.end('SIGKILL')
    await stores?.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  /** What the gateway that runs now has taken from its queue. */
  async function readQueue() {
    const { metrics } = services['realtime']!
    const [handled, duplicates, redelivered, emitted] = await Promise.all([
      readMetric(metrics, 'parley_bus_consumed_total', { ...fanout, outcome: 'handled' }),
      readMetric(metrics, 'parley_bus_duplicates_total', fanout),
      readMetric(metrics, 'parley_bus_redelivered_total', fanout),
      readMetric(metrics, 'parley_realtime_deliveries_total', { event: 'timeline:entry' }),
    ])
    return { handled, duplicates, redelivered, emitted }
  }

  /** Starts chat and a gateway, one of them to die, and the clients; the greeting is over and published. */
  async function begin(victim: 'chat' | 'realtime', point: string) {
    const settings = (service: string): Environment => (service === victim ? { FAILPOINT: point } : {})
    const [chat, realtime] = await Promise.all([
      start('chat', settings('chat')),
      start('realtime', settings('realtime')),
    ])
    await eventually(
      async () => expect(await readMetric(realtime.metrics, 'parley_realtime_consuming')).toBe(1),
      patienceMs,
    )
    const origins = { '/users': services['auth']!.origin, '/chat': chat.origin }
    people = await openPeople({
      url: realtime.origin,
      // As nginx would: by path.
      fetch: (url, init) => {
        const { pathname, search } = new URL(url)
        const [, origin] = Object.entries(origins).find(([path]) => pathname.startsWith(path))!
        return fetch(`${origin}${pathname}${search}`, init)
      },
    })
    const { conversationId } = await people.greet()
    await eventually(async () => expect(await countPending(stores)).toBe(0))
    await eventually(async () => expect((await readQueue()).handled).toBe(1))
    return { people, conversationId, victim: services[victim]! }
  }

  async function expectDeath(process: ServiceProcess, point: string): Promise<void> {
    expect(await process.ended).toEqual({ code: null, signal: 'SIGKILL' })
    expect(process.output()).toContain(`failpoint ${point.replace(':', ': hit ')}, this process dies`)
  }

  describe('chat', () => {
    // The first hit is the greeting's, which is a group of one and so has no middle. How the others come in
    // groups is up to the moment.
    it.each([
      { point: 'before-insert:2', untold: 0 },
      // Of the group that was stored in part.
      { point: 'mid-group:2', untold: 1 },
      { point: 'after-insert:3', untold: 1 },
      { point: 'after-publish:2', untold: 0, duplicates: 1 },
    ])(
      'at $point: chat loses and doubles nothing',
      async ({ point, untold, duplicates = 0 }) => {
        const { people, conversationId, victim } = await begin('chat', point)
        people.sendManyAtOnce(conversationId)
        await expectDeath(victim, point)
        const wreck = await readWreck(stores, conversationId)
        expectSoundWreck(wreck, people)
        const stored = wreck.stored.length
        expect(stored - people.accepted.length).toBeGreaterThanOrEqual(untold)
        if (point === 'before-insert:2') expect([stored, wreck.pending]).toEqual([1, 0])
        else expect(wreck.pending).toBeGreaterThanOrEqual(1)

        await start('chat', sweepSoon)
        await people.done()
        await expectNothingLostOrDoubled(stores, conversationId, people)
        // What was published and not marked comes twice; sockets are told of it once: Alice's and Bob's.
        await eventually(async () => {
          const queue = await readQueue()
          expect(queue).toMatchObject({ handled: messagesInAll, emitted: 2 * messagesInAll })
          expect(queue.duplicates).toBeGreaterThanOrEqual(duplicates)
        })
      },
      120_000,
    )
  })

  describe('realtime', () => {
    it.each(['after-consume:2', 'after-emit:2'])(
      'at %s: what the gateway was given comes again from the broker',
      async (point) => {
        const { people, conversationId, victim } = await begin('realtime', point)
        people.sendManyAtOnce(conversationId)
        await expectDeath(victim, point)
        await people.disconnected()
        // Events are handled side by side, so more than one may have been emitted.
        if (point === 'after-emit:2') expect(people.heard.length).toBeGreaterThanOrEqual(2)
        else expect(people.heard).toHaveLength(1)

        await start('realtime')
        await people.done()
        await expectNothingLostOrDoubled(stores, conversationId, people)
        // The greeting comes again as well when its ack was still being gathered. Each that came was emitted for
        // Alice and for Bob.
        await eventually(async () => {
          const { handled, duplicates, emitted } = await readQueue()
          expect([messagesInAll - 1, messagesInAll]).toContain(handled)
          expect({ duplicates, emitted }).toEqual({ duplicates: 0, emitted: 2 * handled })
        }, patienceMs)
        expect((await readQueue()).redelivered).toBeGreaterThanOrEqual(1)
      },
      120_000,
    )
  })
})
