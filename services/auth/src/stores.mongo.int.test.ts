import { randomUUID } from 'node:crypto'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import type { Connection } from 'mongoose'
import { migrateAuth } from './migrations.mongo.ts'
import { describeAuthOutbox } from './outbox/outbox.contract.ts'
import { createMongoOutbox } from './outbox/outbox.mongo.ts'
import { describeRefreshing } from './sessions/refresh-session.contract.ts'
import { describeSessionStore } from './sessions/session-store.contract.ts'
import { createMongoSessionStore } from './sessions/session-store.mongo.ts'
import type { SessionEnded } from './sessions/session-store.ts'
import { createMongoAuthStores, openMongoAuthStores } from './stores.mongo.ts'
import type { AuthStores } from './stores.ts'
import { exampleUser } from './users/example-user.ts'
import { describeSearchUsers } from './users/search-users.contract.ts'
import { describeUserStore } from './users/user-store.contract.ts'

const logger = createSilentLogger()
let server: TestServer
beforeAll(async () => {
  server = await startMongo()
}, 120_000)
afterAll(() => server?.stop())

async function open(): Promise<AuthStores> {
  const connection = await openMongo(`${server.url}/auth-${randomUUID()}`, { logger })
  await migrateAuth(connection, logger)
  const stores = createMongoAuthStores(connection)
  return {
    ...stores,
    async close() {
      await connection.dropDatabase()
      await stores.close()
    },
  }
}

describeUserStore('MongoDB', open)
describeSearchUsers('MongoDB', open)
describeSessionStore('MongoDB', open)
describeRefreshing('MongoDB', open)
describeAuthOutbox('MongoDB', open)

describe('the database of auth', () => {
  it('lets one of many have an e-mail address, whichever process they ask', async () => {
    const url = `${server.url}/auth-${randomUUID()}`
    const connections = [await openMongo(url, { logger }), await openMongo(url, { logger })] as const
    try {
      await migrateAuth(connections[0], logger)
      const processes = connections.map(createMongoAuthStores)
      const attempts = Array.from({ length: 20 }, (_, index) => {
        const [user, event] = exampleUser({ email: 'same@example.com' })
        return processes[index % 2]!.users.insert(user, event).then(() => user)
      })
      const results = await Promise.allSettled(attempts)
      const stored = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      expect(stored).toHaveLength(1)
      expect(refusals).toEqual(
        Array.from({ length: 19 }, () => expect.objectContaining({ code: 'email-taken' })),
      )
      for (const { users } of processes) {
        expect(await users.findByEmail('same@example.com')).toEqual(stored[0])
      }
    } finally {
      await connections[0].dropDatabase()
      for (const connection of connections) await connection.close()
    }
  })

  it('takes an id that is there already for an error, not for a taken e-mail address', async () => {
    const stores = await open()
    const [user, event] = exampleUser()
    await stores.users.insert(user, event)
    await expect(stores.users.insert({ ...user, email: 'other@example.com' }, event)).rejects.toMatchObject({
      code: 11_000,
    })
    await stores.close()
  })

  it('opens by its URL, and answers a ping only while it is open', async () => {
    const stores = await openMongoAuthStores(`${server.url}/auth-${randomUUID()}`, { logger })
    await stores.ping()
    await stores.close()
    await expect(stores.ping()).rejects.toThrow()
  })

  it('takes operators in values for values', async () => {
    const stores = await open()
    const [user, event] = exampleUser()
    await stores.users.insert(user, event)
    const anything = { $ne: null } as unknown as string
    await expect(stores.users.findByEmail(anything)).rejects.toThrow()
    await stores.close()
  })
})

describe('what expired sessions have to tell, on MongoDB', () => {
  const before = Date.parse('2026-01-02T03:04:05.678Z')
  let connection: Connection
  let stores: AuthStores
  let ended: SessionEnded
  beforeEach(async () => {
    connection = await openMongo(`${server.url}/auth-${randomUUID()}`, { logger })
    await migrateAuth(connection, logger)
    stores = createMongoAuthStores(connection)
    const session = { id: randomUUID(), userId: randomUUID(), generation: 1, rotatedAt: 0, endedAt: null }
    await stores.sessions.insert({ ...session, expiresAt: before - 1 })
    ended = createEvent('users.session-ended.v1', {
      source: 'urn:parley:auth',
      subject: session.id,
      data: { sessionId: session.id, userId: session.userId, reason: 'logout' },
    })
    await stores.sessions.end([ended])
  })
  afterEach(async () => {
    await connection.dropDatabase()
    await connection.close()
  })

  const pending = async (): Promise<string[]> => (await stores.outbox.pending(10)).map(({ key }) => key)

  it('is pending once when the process dies between taking it over and deleting the session', async () => {
    const outbox = createMongoOutbox(connection, { carriers: [] })
    const dying = createMongoSessionStore(connection, {
      async takeOver(events) {
        await outbox.takeOver(events)
        throw new Error('killed')
      },
    })
    await expect(dying.removeExpired(before)).rejects.toThrow('killed')
    expect(await pending()).toEqual([ended.id])
    await stores.sessions.removeExpired(before)
    expect(await pending()).toEqual([ended.id])
    expect(await stores.sessions.find(ended.subject)).toBeUndefined()
  })

  it('is gone everywhere once it is published', async () => {
    await createMongoOutbox(connection, { carriers: [] }).takeOver([ended])
    await stores.outbox.markPublished([ended.id])
    expect(await pending()).toEqual([])
    await stores.sessions.removeExpired(before)
    expect(await pending()).toEqual([])
    expect(await stores.sessions.find(ended.subject)).toBeUndefined()
  })
})
