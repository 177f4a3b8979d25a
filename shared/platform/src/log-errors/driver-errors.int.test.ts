import { randomUUID } from 'node:crypto'
import { startMongo, startRabbitMq, startRedis, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { openMongo } from '../mongo/open-mongo.ts'
import { openConnection } from '../rabbitmq/connection.ts'
import { openRedis } from '../redis/open-redis.ts'
import { describeError } from './describe-error.ts'

const secret = 'hunter2'
const patienceMs = 20_000

/** As a service would meet it, with the error that the server really gives. */
describe('the log holds neither passwords nor what people wrote, when the server refuses:', () => {
  let server: TestServer | undefined
  afterEach(() => server?.stop())

  /** Waits for the one line about it. */
  async function lineOf(
    open: (given: ReturnType<typeof createRecordingLogger>) => Promise<() => Promise<void>>,
  ) {
    const recording = createRecordingLogger()
    const close = await open(recording)
    const wanted = ({ err }: Record<string, unknown>): boolean => err !== undefined
    await eventually(() => expect(recording.lines.some(wanted)).toBe(true), patienceMs)
    await close()
    expect(JSON.stringify(recording.lines)).not.toContain(secret)
    return recording.lines.find(wanted)!
  }

  it('Redis a password, which ioredis puts into its error', async () => {
    server = await startRedis()
    await server.container.exec(['redis-cli', 'CONFIG', 'SET', 'requirepass', 'another'])
    const url = new URL(server.url)
    url.password = secret
    let shown = ''
    const line = await lineOf(async ({ logger }) => {
      const connection = openRedis(url.href, { logger, name: 'test' })
      connection.client.on('error', (error) => (shown += JSON.stringify(error)))
      return () => connection.close()
    })
    expect(shown).toContain(secret)
    expect(line).toMatchObject({ msg: 'Redis is away', err: { code: 'WRONGPASS' } })
  })

  it('RabbitMQ a user', async () => {
    server = await startRabbitMq()
    const url = new URL(server.url)
    url.username = `user-${secret}`
    url.password = secret
    const line = await lineOf(async ({ logger }) => {
      const onChange = (): void => undefined
      const connection = openConnection({
        url: url.href,
        name: 'test',
        heartbeatSeconds: 5,
        logger,
        onChange,
      })
      return () => connection.close()
    })
    expect(line).toMatchObject({ msg: 'RabbitMQ is away', err: { code: 'ACCESS-REFUSED' } })
  })

  it('MongoDB what was there already, a user, and a text that does not fit', async () => {
    server = await startMongo()
    const { logger, lines } = createRecordingLogger()
    const connection = await openMongo(`${server.url}/errors-${randomUUID()}`, { logger })
    try {
      const people = connection.collection<{ email: string }>('people')
      await people.createIndex({ email: 1 }, { unique: true })
      await people.insertOne({ email: `${secret}@example.com` })
      const refused = await people
        .insertOne({ email: `${secret}@example.com` })
        .catch((error: unknown) => error)
      expect((refused as Error).message).toContain(secret)
      logger.error({ err: refused }, 'failed')
      expect(lines.at(-1)).toMatchObject({
        err: { type: 'MongoServerError', code: 11_000, fields: ['email'] },
      })

      const several = await people
        .insertMany([{ email: `${secret}@example.com` }, { email: `${secret}@example.com` }], {
          ordered: false,
        })
        .catch((error: unknown) => error)
      logger.error({ err: several }, 'failed')
      expect(lines.at(-1)).toMatchObject({ err: { type: 'MongoBulkWriteError', code: 11_000 } })

      const unknown = await people
        .findOne({ [`$${secret}`]: secret } as object)
        .catch((error: unknown) => error)
      expect(describeError(unknown)).toMatchObject({ type: 'MongoServerError', code: expect.any(Number) })
      logger.error({ err: unknown }, 'failed')
    } finally {
      await connection.close()
    }
    const url = server.url.replace('//', `//auth:${secret}@`)
    const refused = await openMongo(`${url}/x?authSource=admin`, { logger }).catch((error: unknown) => error)
    logger.error({ err: refused }, 'failed')
    expect(lines.at(-1)).toMatchObject({ err: { code: 18 } })
    expect(JSON.stringify(lines)).not.toContain(secret)
  })
})
