import { randomUUID } from 'node:crypto'
import type { Event } from '@parley/contracts/events.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { explainQueries, monitored, settlePlans } from '@parley/testing/explain-queries.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import type { Connection, Model } from 'mongoose'
import { migrateAuth } from './migrations.mongo.ts'
import { outboxModel, toOutboxDocument } from './outbox/outbox.mongo.ts'
import { sessionModel, toSessionDocument } from './sessions/session-store.mongo.ts'
import type { SessionEnded } from './sessions/session-store.ts'
import { createMongoAuthStores } from './stores.mongo.ts'
import type { AuthStores } from './stores.ts'
import { exampleUser } from './users/example-user.ts'
import { toUserDocument, userModel } from './users/user-store.mongo.ts'

/** In each collection: enough for a plan that reads everything to be the worse one. */
const documents = 2_000
/** One in so many has something to tell, or is expired. */
const oneIn = 200
/** What a query may read; what it asks for is fewer. */
const mostExamined = 60

const start = Date.parse('2026-01-02T03:04:05.678Z')
const times = { rotatedAt: start, expiresAt: start + 10_000 }

const people = Array.from({ length: documents }, (_, index) => {
  const number = String(index).padStart(4, '0')
  return exampleUser({ firstName: `First ${number}`, lastName: `Last ${number}` })
})
const [user, registered] = people[0]!
const sessions = people.map(([{ id }], index) => {
  const expiresAt = index % oneIn < 2 ? start : times.expiresAt
  return { id: randomUUID(), userId: id, generation: 1, rotatedAt: start, expiresAt, endedAt: null }
})
const session = sessions[2]!

const endOf = ({ id, userId }: { id: string; userId: string }): SessionEnded =>
  createEvent('users.session-ended.v1', {
    source: 'urn:parley:auth',
    subject: id,
    data: { sessionId: id, userId, reason: 'logout' },
  })

async function fill(connection: Connection): Promise<void> {
  const telling = (index: number, event: Event) => (index % oneIn === 0 ? { pendingEvents: [event] } : {})
  const store = (model: Pick<Model<never>, 'collection'>, stored: object[]): Promise<unknown> =>
    model.collection.insertMany(stored)
  await store(
    userModel(connection),
    people.map(([person, event], index) => ({ ...toUserDocument(person), ...telling(index, event) })),
  )
  await store(
    sessionModel(connection),
    sessions.map((each, index) => ({ ...toSessionDocument(each), ...telling(index, endOf(each)) })),
  )
  await store(
    outboxModel(connection),
    sessions.map((each) => toOutboxDocument(endOf(each))),
  )
}

/** Everything that the stores are asked, with how many queries it makes. */
const questions: readonly [string, number, (stores: AuthStores) => Promise<unknown>][] = [
  ['users.findById', 1, ({ users }) => users.findById(user.id)],
  ['users.findByEmail', 1, ({ users }) => users.findByEmail(user.email)],
  ['users.isEmpty', 1, ({ users }) => users.isEmpty()],
  ['users.replacePasswordHash', 1, ({ users }) => users.replacePasswordHash(user.id, 'a', 'b')],
  ['users.samplePasswordHashes', 2, ({ users }) => users.samplePasswordHashes()],
  // The first of two is to find users whom the release before wrote. (The stand-in for MongoDB sorts all who have
  // the grams, where MongoDB walks along the index; so these are grams of few.)
  [
    'users.findByGrams',
    2,
    ({ users }) => users.findByGrams({ grams: ['^101', '^fir'], after: undefined, limit: 20 }),
  ],
  [
    'users.findByGrams, further on',
    1,
    ({ users }) =>
      users.findByGrams({
        grams: ['^101'],
        after: { foldedName: 'first 1013 last 1013', id: '' },
        limit: 20,
      }),
  ],
  [
    'users.findByGrams, inside',
    2,
    ({ users }) => users.findByGrams({ grams: ['~017', '~irs', '~ast'], after: undefined, limit: 20 }),
  ],
  ['sessions.find', 1, (stores) => stores.sessions.find(session.id)],
  ['users.endSessions', 1, ({ users }) => users.endSessions(user.id, endOf({ ...session, userId: user.id }))],
  [
    'sessions.findActive',
    1,
    (stores) => stores.sessions.findActive(session.userId, start, { skip: 0, limit: 20 }),
  ],
  [
    'sessions.noteRepeated',
    1,
    (stores) => stores.sessions.noteRepeated(session.id, { generation: 1, inARow: 1 }),
  ],
  ['sessions.advance', 1, (stores) => stores.sessions.advance(session.id, 1, times)],
  ['sessions.endQuietly', 1, (stores) => stores.sessions.endQuietly(sessions[8]!.id, start)],
  [
    'sessions.endUsedQuietly',
    1,
    (stores) =>
      stores.sessions.endUsedQuietly(sessions[9]!.userId, { since: 0, begunBefore: start }, start + 1),
  ],
  ['sessions.endedAfter', 2, (stores) => stores.sessions.endedAfter({ endedAt: start, id: '' }, 10)],
  ['sessions.end', 2, (stores) => stores.sessions.end(sessions.slice(4, 6).map(endOf))],
  // Those without events; then a page of the others: read, taken over, deleted; then no further page.
  ['sessions.removeExpired', 14, (stores) => stores.sessions.removeExpired(start + 1)],
  ['outbox.pending', 3, ({ outbox }) => outbox.pending(10)],
  ['outbox.markPublished', 3, ({ outbox }) => outbox.markPublished([registered.id])],
]

describe('the queries of auth on MongoDB', () => {
  const logger = createSilentLogger()
  let server: TestServer
  let connection: Connection
  let stores: AuthStores
  beforeAll(async () => {
    server = await startMongo()
    connection = await openMongo(monitored(`${server.url}/queries`), { logger })
    await migrateAuth(connection, logger)
    stores = createMongoAuthStores(connection)
    await fill(connection)
    await settlePlans(server)
  }, 120_000)
  afterAll(async () => {
    await connection?.close()
    await server?.stop()
  })

  it.each(questions)('goes by an index: %s', async (_name, count, ask) => {
    const explained = await explainQueries(connection, () => ask(stores))
    expect(explained.filter(({ usesIndex }) => !usesIndex)).toEqual([])
    expect(explained.filter(({ examined }) => examined > mostExamined)).toEqual([])
    expect(explained).toHaveLength(count)
  })

  it('would notice a query without an index', async () => {
    const [explained] = await explainQueries(connection, () =>
      connection.collection('users').findOne({ firstName: user.firstName.toUpperCase() }),
    )
    expect(explained).toMatchObject({ usesIndex: false, stages: expect.arrayContaining(['COLLSCAN']) })
    expect(explained?.examined).toBeGreaterThan(mostExamined)
  })
})
