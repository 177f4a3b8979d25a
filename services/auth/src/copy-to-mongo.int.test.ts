import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Connection } from 'mongoose'
import { copyAuthToMongo } from './copy-to-mongo.ts'
import { migrateAuth } from './migrations.mongo.ts'
import { createMongoAuthStores } from './stores.mongo.ts'
import { openSqliteAuthStores } from './stores.sqlite.ts'
import { writeVersion1 } from './test-version-1.ts'
import { exampleUser } from './users/example-user.ts'
import { userModel } from './users/user-store.mongo.ts'

describe('copying an embedded auth database into MongoDB', () => {
  const logger = createSilentLogger()
  const folder = createTemporaryFolder()
  const file = join(folder.path, 'auth.sqlite')
  const names = ['Ada', 'Łucja', '山田', '𝔘nicode', 'ﬁ', 'Zoë', 'Zoe\u0308']
  const people = Array.from({ length: 25 }, (_, index) =>
    exampleUser({ firstName: names[index % names.length] ?? '', lastName: `Last ${index}` }),
  )
  const sessions = people.map(([{ id }], index) => ({
    id: randomUUID(),
    userId: id,
    generation: index + 1,
    rotatedAt: 1_767_323_045_678,
    expiresAt: 4_000_000_000_000 + index,
    endedAt: null,
  }))
  const ended = sessions.slice(0, 3).map(({ id, userId }) =>
    createEvent('users.session-ended.v1', {
      source: 'urn:parley:auth',
      subject: id,
      data: { sessionId: id, userId, reason: 'logout' },
    }),
  )
  const published = people.slice(0, 20).map(([, event]) => event.id)
  const counts = { users: 25, sessions: 25, outbox: 5 + 3 }

  let server: TestServer
  let connection: Connection
  beforeAll(async () => {
    const embedded = openSqliteAuthStores(file)
    for (const [user, event] of people) await embedded.users.insert(user, event)
    for (const session of sessions) await embedded.sessions.insert(session)
    await embedded.sessions.end(ended)
    // What only some of the users and sessions have.
    const [marked, moved] = [people[24]![0], sessions[24]!]
    const data = { sessionId: moved.id, userId: marked.id, reason: 'logout-everywhere' as const }
    const mark = createEvent('users.session-ended.v1', {
      source: 'urn:parley:auth',
      subject: moved.id,
      data: { ...data, startedBefore: '2026-01-02T03:04:05.678Z' },
    })
    await embedded.users.endSessions(marked.id, mark)
    await embedded.outbox.markPublished([mark.id])
    const { rotatedAt, expiresAt, generation } = moved
    await embedded.sessions.advance(moved.id, generation, { rotatedAt, expiresAt, exchangedBy: 'here' })
    await embedded.sessions.noteRepeated(moved.id, { generation: generation + 1, inARow: 2 })
    await embedded.outbox.markPublished(published)
    await embedded.close()
    server = await startMongo()
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    folder.remove()
  })
  beforeEach(async () => {
    connection = await openMongo(`${server.url}/copy-${randomUUID()}`, { logger })
    await migrateAuth(connection, logger)
  })
  afterEach(async () => {
    await connection.dropDatabase()
    await connection.close()
  })

  const copy = (onProgress?: (progress: { collection: string; copied: number }) => void) =>
    copyAuthToMongo({ file, connection, pageSize: 10, ...(onProgress && { onProgress }) })

  it('copies users, sessions and pending events, and reports equal checksums', async () => {
    const progress: [string, number][] = []
    const report = await copy(({ collection, copied }) => progress.push([collection, copied]))
    expect(report.map(({ collection, copied }) => [collection, copied])).toEqual(Object.entries(counts))
    for (const { collection, source, target } of report) {
      expect(target).toEqual(source)
      expect(source).toEqual({
        count: counts[collection as keyof typeof counts],
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
    }
    expect(new Set(report.map(({ source }) => source.checksum)).size).toBe(3)
    expect(progress.filter(([collection]) => collection === 'users').map(([, copied]) => copied)).toEqual([
      10, 20, 25,
    ])
  })

  it('leaves stores that answer as the embedded ones do', async () => {
    await copy()
    const from = openSqliteAuthStores(file)
    const to = createMongoAuthStores(connection)
    for (const [{ id, email }] of people) {
      expect(await to.users.findById(id)).toEqual(await from.users.findById(id))
      expect(await to.users.findByEmail(email)).toEqual(await from.users.findByEmail(email))
    }
    for (const { id } of sessions) expect(await to.sessions.find(id)).toEqual(await from.sessions.find(id))
    const search = { grams: ['^l'], after: undefined, limit: 50 }
    expect(await to.users.findByGrams(search)).toEqual(await from.users.findByGrams(search))
    const byKey = (pending: { key: string }[]) => pending.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    expect(byKey(await to.outbox.pending(50))).toEqual(byKey(await from.outbox.pending(50)))
    await from.close()

    await to.outbox.markPublished((await to.outbox.pending(50)).map(({ key }) => key))
    expect(await to.outbox.pending(50)).toEqual([])
  })

  it('copies a file that the release before wrote last', async () => {
    const old = join(folder.path, 'version-1.sqlite')
    writeVersion1(
      old,
      people.map(([user]) => user),
    )
    const [users] = await copyAuthToMongo({ file: old, connection })
    expect(users).toMatchObject({ collection: 'users', copied: 25 })
    const to = createMongoAuthStores(connection)
    const found = await to.users.findByGrams({ grams: ['^luc'], after: undefined, limit: 50 })
    expect(found).toHaveLength(people.filter(([{ firstName }]) => firstName === 'Łucja').length)
  })

  it('goes on after it was broken off, and does nothing where all is there', async () => {
    const abort = copy(({ collection, copied }) => {
      if (collection === 'sessions' && copied === 20) throw new Error('killed')
    })
    await expect(abort).rejects.toThrow('killed')
    const rest = await copy()
    expect(rest.map(({ copied }) => copied)).toEqual([0, 5, 8])
    const again = await copy()
    expect(again).toEqual(rest.map((report) => ({ ...report, copied: 0 })))
  })

  it('names a document that is there already and differs, and does not touch it', async () => {
    await copy()
    const [{ id }] = people[12]!
    await userModel(connection).updateOne({ _id: id }, { $set: { lastName: 'Other' } })
    await expect(copy()).rejects.toThrow(`users: ${id} is there already, and differs`)
    expect(await userModel(connection).findById(id).lean()).toMatchObject({ lastName: 'Other' })
  })

  it('refuses a target that has a user with the same e-mail address', async () => {
    const [stranger, event] = exampleUser({ email: people[3]![0].email })
    await createMongoAuthStores(connection).users.insert(stranger, event)
    await expect(copy()).rejects.toMatchObject({
      name: 'CopyError',
      message: `users: ${people[3]![0].id}: another document has what must be unique (11000)`,
    })
  })

  it('refuses a target that holds more than the source', async () => {
    await createMongoAuthStores(connection).users.insert(...exampleUser())
    await expect(copy()).rejects.toThrow(/users: the source has 25 documents .*, the target 26 /)
  })

  it('reads no file that is not there, and none of another version', async () => {
    const missing = join(folder.path, 'missing.sqlite')
    await expect(copyAuthToMongo({ file: missing, connection })).rejects.toThrow('unable to open')
    await expect(copyAuthToMongo({ file: ':memory:', connection })).rejects.toThrow(/version 0;.* version 1/)
  })
})
