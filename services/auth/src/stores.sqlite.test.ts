import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { describeAuthOutbox } from './outbox/outbox.contract.ts'
import { describeRefreshing } from './sessions/refresh-session.contract.ts'
import { describeSessionStore } from './sessions/session-store.contract.ts'
import { authMigrations, openSqliteAuthStores } from './stores.sqlite.ts'
import type { AuthStores } from './stores.ts'
import { exampleUser } from './users/example-user.ts'
import { createSearchUsers } from './users/search-users.ts'
import { writeVersion1 } from './test-version-1.ts'
import { describeSearchUsers } from './users/search-users.contract.ts'
import { describeUserStore } from './users/user-store.contract.ts'

async function open(): Promise<AuthStores> {
  const folder = createTemporaryFolder()
  const stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
  return {
    ...stores,
    async close() {
      await stores.close()
      folder.remove()
    },
  }
}

describeUserStore('SQLite', open)
describeSearchUsers('SQLite', open)
describeSessionStore('SQLite', open)
describeRefreshing('SQLite', open)
describeAuthOutbox('SQLite', open)

describe('the database file of auth', () => {
  const folder = createTemporaryFolder()
  const openings: AuthStores[] = []
  afterAll(async () => {
    await openings.at(-1)?.close()
    folder.remove()
  })

  const openAgain = (): AuthStores => {
    const stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
    openings.push(stores)
    return stores
  }

  it('keeps everything over a restart, and answers a ping only while it is open', async () => {
    const [user, event] = exampleUser()
    const first = openAgain()
    await first.users.insert(user, event)
    await first.ping()
    await first.close()
    await expect(first.ping()).rejects.toThrow()

    const second = openAgain()
    expect(await second.users.findById(user.id)).toEqual(user)
    expect(await second.outbox.pending(10)).toEqual([{ key: event.id, event }])
  })
})

describe('a database file of auth from the release before', () => {
  const folder = createTemporaryFolder()
  const file = join(folder.path, 'auth.sqlite')
  afterAll(() => folder.remove())

  it('keeps its sessions, which go on', async () => {
    const file = join(folder.path, 'version-2.sqlite')
    const database = openSqlite(file, authMigrations.slice(0, 2))
    const session = { id: randomUUID(), userId: randomUUID(), generation: 3, rotatedAt: 7, expiresAt: 9 }
    database.relaxed
      .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, NULL)')
      .run(...Object.values(session))
    database.close()

    const stores = openSqliteAuthStores(file)
    expect(await stores.sessions.find(session.id)).toEqual({ ...session, endedAt: null })
    const page = { skip: 0, limit: 1 }
    expect(await stores.sessions.findActive(session.userId, 8, page)).toHaveLength(1)
    expect(await stores.sessions.advance(session.id, 3, { rotatedAt: 8, expiresAt: 10 })).toBe(true)
    await stores.close()
  })

  it('has its users found by name, also when its migration was broken off', async () => {
    const people = Array.from({ length: 1_201 }, (_, index) =>
      exampleUser({ firstName: `Łukasz ${index}`, lastName: 'Hoffmann' }),
    ).map(([user]) => user)
    writeVersion1(file, people)
    // Killed after the tables, before the first user.
    openSqlite(file, authMigrations).close()

    const stores = openSqliteAuthStores(file)
    const search = createSearchUsers({ users: stores.users })
    for (const text of ['lukasz 1200', 'hoff 600', 'ffmann 0', 'ŁUKASZ 500']) {
      const { users } = await search({ search: text, limit: 1 })
      expect(users).toEqual([expect.objectContaining({ lastName: 'Hoffmann' })])
    }
    for (const user of people.slice(0, 3)) expect(await stores.users.findById(user.id)).toEqual(user)
    await stores.users.insert(...exampleUser({ firstName: 'Ny', lastName: 'Ørsted' }))
    expect((await search({ search: 'orsted', limit: 2 })).users).toHaveLength(1)
    await stores.close()
  })
})
