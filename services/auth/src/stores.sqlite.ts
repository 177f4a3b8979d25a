import { soleLease } from '@parley/platform/events/lease.ts'
import type { Logger } from '@parley/platform/log.ts'
import { watchSqliteTrouble } from '@parley/platform/sqlite-trouble.ts'
import { openSqlite, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { createSqliteOutbox, outboxTables } from './outbox/outbox.sqlite.ts'
import {
  createSqliteSessionStore,
  sessionRepeatColumns,
  endedSessionIndex,
  sessionTables,
} from './sessions/session-store.sqlite.ts'
import type { AuthStores } from './stores.ts'
import {
  createSqliteUserStore,
  fillSearchedNames,
  searchedNameTables,
  sessionsEndedColumn,
  userTables,
} from './users/user-store.sqlite.ts'

/** Append only: a database file has run some of these already. */
export const authMigrations: readonly string[] = [
  [userTables, sessionTables, outboxTables].join('\n'),
  searchedNameTables,
  [sessionsEndedColumn, sessionRepeatColumns].join('\n'),
  endedSessionIndex,
]

/** Opens (and creates) the auth service's database file. */
export const openSqliteAuthStores = (file: string, logger?: Logger): AuthStores =>
  createSqliteAuthStores(openSqlite(file, authMigrations), { file, logger })

/** The auth service's stores on a database file that is open already; closing them closes it. */
export function createSqliteAuthStores(
  database: SqliteDatabase,
  { file, logger }: { file: string; logger?: Logger | undefined },
): AuthStores {
  fillSearchedNames(database)
  const outbox = createSqliteOutbox(database)
  const trouble = watchSqliteTrouble({ database, file, logger })
  return {
    users: trouble.guard(createSqliteUserStore(database, outbox)),
    sessions: trouble.guard(createSqliteSessionStore(database, outbox)),
    outbox: trouble.guard(outbox),
    sweepLease: soleLease,
    async ping() {
      database.relaxed.exec('SELECT 1')
      trouble.check()
    },
    async close() {
      trouble.close()
      database.close()
    },
  }
}
