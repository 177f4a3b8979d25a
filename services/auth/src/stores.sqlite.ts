import { soleLease } from '@parley/platform/events/lease.ts'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { createSqliteOutbox, outboxTables } from './outbox/outbox.sqlite.ts'
import { createSqliteSessionStore, sessionTables } from './sessions/session-store.sqlite.ts'
import type { AuthStores } from './stores.ts'
import { createSqliteUserStore, userTables } from './users/user-store.sqlite.ts'

/** Append only: a database file has run some of these already. */
const migrations = [[userTables, sessionTables, outboxTables].join('\n')]

/** Opens (and creates) the auth service's database file. */
export function openSqliteAuthStores(file: string): AuthStores {
  const database = openSqlite(file, migrations)
  const outbox = createSqliteOutbox(database)
  return {
    users: createSqliteUserStore(database, outbox),
    sessions: createSqliteSessionStore(database, outbox),
    outbox,
    sweepLease: soleLease,
    async ping() {
      database.relaxed.exec('SELECT 1')
    },
    async close() {
      database.close()
    },
  }
}
