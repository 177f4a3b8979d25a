import { join } from 'node:path'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { chatMigrations } from '../stores.sqlite.ts'
import { createSqliteChangeClock } from './change-clock.sqlite.ts'

describe('the change clock in SQLite', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())

  it('is on the disk every ten seconds, so that no power cut sets it further back than comparisons overlap', async () => {
    const database = openSqlite(join(folder.path, 'chat.sqlite'), chatMigrations)
    let now = 0
    const clock = createSqliteChangeClock(database, { monotonic: () => now, wall: () => now })
    // Changes with each commit of the other connection, which is the one that syncs.
    const version = (): unknown => database.relaxed.prepare('PRAGMA data_version').get()?.['data_version']
    const begun = await clock.now()
    const versions = new Set<unknown>([version()])
    for (let second = 0; second < 60; second += 1) {
      now += 1_000
      await clock.now()
      versions.add(version())
    }
    expect(await clock.now()).toBe(begun + 60_000)
    expect(versions.size).toBeGreaterThanOrEqual(6)
    expect(versions.size).toBeLessThanOrEqual(8)
    database.close()
  })
})
