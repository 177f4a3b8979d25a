import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { describeAuthOutbox } from './outbox/outbox.contract.ts'
import { describeRefreshing } from './sessions/refresh-session.contract.ts'
import { describeSessionStore } from './sessions/session-store.contract.ts'
import { openSqliteAuthStores } from './stores.sqlite.ts'
import type { AuthStores } from './stores.ts'
import { exampleUser } from './users/example-user.ts'
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
