import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import { ParleyError } from '../parley-error.ts'
import { defineScript } from './define-script.ts'
import { keepSubscriptions } from './keep-subscriptions.ts'
import { openRedis, type RedisConnection } from './open-redis.ts'

describe('a connection to Redis', () => {
  let server: TestServer
  const opened: RedisConnection[] = []
  const open = (url = server.url, logger = createSilentLogger()): RedisConnection => {
    const connection = openRedis(url, { logger, name: 'test' })
    opened.push(connection)
    return connection
  }
  beforeAll(async () => {
    server = await startRedis()
  }, 120_000)
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()))
  })
  afterAll(() => server?.stop())

  /** As the server sees it: the other end closes. */
  async function cut(connection: RedisConnection, underWay: () => void = () => {}): Promise<void> {
    const admin = open()
    const id = await connection.client.client('ID')
    await admin.ready()
    underWay()
    await admin.client.client('KILL', 'ID', id)
  }

  it('says that it is ready, and gone, and back, each once and in the log', async () => {
    const { logger, lines } = createRecordingLogger()
    const connection = open(server.url, logger)
    const changes: boolean[] = []
    connection.onChange((ready) => changes.push(ready))
    await connection.ready()
    await connection.ping()
    await cut(connection)
    await eventually(() => expect(changes).toEqual([true, false, true]))
    expect(lines.map(({ msg }) => msg)).toEqual(['Redis is away', 'Redis is back'])
    await connection.ping()
  })

  it('fails at once what is asked while there is no server, and says so once', async () => {
    const { logger, lines } = createRecordingLogger()
    const connection = open('redis://127.0.0.1:1', logger)
    const script = defineScript(connection, 'testTwo', 'return 2')
    await expect(connection.ping()).rejects.toThrow(Error)
    await expect(script([], [])).rejects.toMatchObject({ code: 'unavailable' })
    await eventually(() => expect(connection.client.status).toBe('reconnecting'))
    await eventually(() => expect(lines).toHaveLength(1))
    await sleep(300)
    expect(lines).toMatchObject([{ msg: 'Redis is away', err: { code: 'ECONNREFUSED' } }])
    expect(connection.isReady()).toBe(false)
  })

  it('fails what is unanswered when the connection is lost', async () => {
    const connection = open()
    await connection.ready()
    let refused: Promise<void> | undefined
    await cut(connection, () => {
      refused = expect(connection.client.blpop(randomUUID(), 0)).rejects.toThrow(Error)
    })
    await refused
  })

  it('takes a server that does not answer for gone', async () => {
    const connection = open()
    await connection.ready()
    const gone = new Promise<boolean>((resolve) => connection.onChange(resolve))
    const admin = open()
    await admin.ready()
    await admin.client.client('PAUSE', 6_000, 'ALL')
    expect(await gone).toBe(false)
    await expect(connection.ping()).rejects.toThrow(Error)
    await connection.ready()
    await connection.ping()
  })

  it('closes in every state, and asks nothing more', async () => {
    const never = openRedis('redis://127.0.0.1:1', { logger: createSilentLogger(), name: 'test' })
    await never.close()
    const away = openRedis('redis://127.0.0.1:1', { logger: createSilentLogger(), name: 'test' })
    await eventually(() => expect(away.client.status).toBe('reconnecting'))
    await away.close()
    const ready = open()
    await ready.ready()
    const answered = ready.client.set('closing', 1)
    await ready.close()
    expect(await answered).toBe('OK')
    await expect(ready.ping()).rejects.toThrow(Error)
  })

  it('runs scripts, also when the server has forgotten them', async () => {
    const connection = open()
    await connection.ready()
    const add = defineScript(connection, 'testAdd', 'return redis.call("INCRBY", KEYS[1], ARGV[1])')
    const key = randomUUID()
    expect(await add([key], [2])).toBe(2)
    await connection.client.script('FLUSH')
    expect(await add([key], [3])).toBe(5)
    await expect(add([key], ['x'])).rejects.not.toBeInstanceOf(ParleyError)
  })

  describe('that keeps subscriptions', () => {
    async function listen() {
      const connection = open()
      const subscriptions = keepSubscriptions({ connection, logger: createSilentLogger() })
      const heard: string[] = []
      connection.client.on('smessage', (channel: string, message: string) => {
        heard.push(`${channel} ${message}`)
      })
      const publisher = open()
      await publisher.ready()
      const publish = (channel: string, message: string) => publisher.client.spublish(channel, message)
      return { connection, subscriptions, heard, publish }
    }
    const complete = (subscriptions: ReturnType<typeof keepSubscriptions>) =>
      eventually(() => expect(subscriptions.complete()).toBe(true))

    it('has those that were wanted before there was a server, and hears them from when it says so', async () => {
      const { connection, subscriptions, heard, publish } = await listen()
      const channels = Array.from({ length: 1_200 }, () => randomUUID())
      for (const channel of channels) subscriptions.add(channel)
      await connection.ready()
      await complete(subscriptions)
      for (const channel of channels) await publish(channel, '1')
      await eventually(() => expect(heard).toEqual(channels.map((channel) => `${channel} 1`)))
    })

    it('hears a channel once that is settled', async () => {
      const { subscriptions, heard, publish } = await listen()
      await complete(subscriptions)
      const channel = randomUUID()
      subscriptions.add(channel)
      await subscriptions.settled()
      expect(await publish(channel, 'a')).toBe(1)
      subscriptions.remove(channel)
      await eventually(async () => expect(await publish(channel, 'b')).toBe(0))
      expect(heard[0]).toBe(`${channel} a`)
    })

    it('asks once for all of a turn, however many, and for each as it was wanted last', async () => {
      const { connection, subscriptions, publish } = await listen()
      await connection.ready()
      await complete(subscriptions)
      const many = Array.from({ length: 300 }, () => randomUUID())
      const [come, gone] = [randomUUID(), randomUUID()]
      subscriptions.add(come)
      await subscriptions.settled()

      await connection.client.config('RESETSTAT')
      for (const channel of [...many, gone]) subscriptions.add(channel)
      subscriptions.remove(gone)
      subscriptions.remove(come)
      subscriptions.add(come)
      await subscriptions.settled()
      const stats = await connection.client.info('commandstats')
      expect(/cmdstat_ssubscribe:calls=(\d+)/.exec(stats)?.[1]).toBe('1')
      expect(/cmdstat_sunsubscribe:calls=(\d+)/.exec(stats)?.[1]).toBe('1')
      const heard = await Promise.all(
        [come, gone, many[0]!, many[299]!].map((channel) => publish(channel, '1')),
      )
      expect(heard).toEqual([1, 0, 1, 1])
    })

    it('has what is wanted after each outage, and what changed meanwhile', async () => {
      const { connection, subscriptions, heard, publish } = await listen()
      const [kept, dropped, late] = [randomUUID(), randomUUID(), randomUUID()]
      subscriptions.add(kept)
      subscriptions.add(dropped)
      await complete(subscriptions)
      const changes: boolean[] = []
      subscriptions.onChange((now) => {
        changes.push(now)
        if (now) return
        subscriptions.add(late)
        subscriptions.remove(dropped)
      })
      for (let time = 1; time <= 2; time += 1) {
        await cut(connection)
        await eventually(() => expect(changes).toHaveLength(time * 2))
        expect(await publish(kept, `${time}`)).toBe(1)
        expect(await publish(late, `${time}`)).toBe(1)
        expect(await publish(dropped, `${time}`)).toBe(0)
      }
      expect(changes).toEqual([false, true, false, true])
      await eventually(() => expect(heard).toEqual([`${kept} 1`, `${late} 1`, `${kept} 2`, `${late} 2`]))
    })
  })
})
