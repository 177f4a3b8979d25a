import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { unavailableWhenDown } from '@parley/platform/mongo/unavailable-when-down.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { type Line, openLine } from '@parley/testing/line.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { migrateAuth } from './migrations.mongo.ts'
import { createMongoAuthStores } from './stores.mongo.ts'
import type { AuthStores } from './stores.ts'
import { exampleUser } from './users/example-user.ts'

const run = promisify(execFile)

describe('the stores of auth while MongoDB is away', () => {
  const logger = createSilentLogger()
  const [user, event] = exampleUser()
  let server: TestServer
  let line: Line
  let stores: AuthStores
  let batches: { write(): Promise<unknown> }
  beforeAll(async () => {
    server = await startMongo()
    line = await openLine(() => server.container.getMappedPort(27_017))
    const connection = await openMongo(`mongodb://127.0.0.1:${line.port}/outage`, { logger })
    await migrateAuth(connection, logger)
    stores = createMongoAuthStores(connection)
    await stores.users.insert(user, event)
    const write = () => connection.collection('batches').insertMany([{}, {}])
    batches = unavailableWhenDown({ write })
  }, 120_000)
  afterAll(async () => {
    await stores?.close()
    await line?.close()
    await server?.stop()
  })

  /** Reads and writes of every store, and a batch, whose errors are of another kind. */
  const ask = (): Promise<unknown>[] => [
    stores.users.findById(user.id),
    stores.users.insert(...exampleUser()),
    stores.sessions.advance(user.id, 1, { rotatedAt: 1, expiresAt: 2 }),
    stores.outbox.pending(1),
    batches.write(),
  ]

  async function expectUnavailable(): Promise<void> {
    const pinging = expect(stores.ping()).rejects.toThrow()
    const answers = await Promise.allSettled(ask())
    const error = expect.objectContaining({
      code: 'unavailable',
      details: expect.objectContaining({ retryAfterSeconds: 2 }),
    })
    expect(answers).toEqual(answers.map(() => ({ status: 'rejected', reason: error })))
    await pinging
  }

  async function expectAvailable(): Promise<void> {
    await eventually(() => stores.ping(), 20_000)
    expect(await stores.users.findById(user.id)).toEqual(user)
    await Promise.all(ask())
  }

  it('say so when the server does not answer, and work again afterwards', async () => {
    line.hold()
    await expectUnavailable()
    line.release()
    await expectAvailable()
  })

  it('say so when the server is down, and work again afterwards', async () => {
    // Not by `container.stop`: it works once, and so would not remove the container in the end.
    await run('docker', ['kill', server.container.getId()])
    await expectUnavailable()
    await server.container.restart({ timeout: 0 })
    await expectAvailable()
  }, 120_000)
})
