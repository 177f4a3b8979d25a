import { DatabaseSync } from 'node:sqlite'
import { OwnError } from './own-error.ts'
import { makePrivateFile } from './private-file.ts'

/**
 * One SQLite file with two connections. Both see the same data at once; they differ in what an acknowledged
 * write survives. Both survive `kill -9`; `durable` also survives a power cut, and syncs the file to do so.
 */
export interface SqliteDatabase {
  /** `synchronous=FULL`: for what was promised to a client, such as the timeline. */
  readonly durable: DatabaseSync
  /** `synchronous=NORMAL`: for what can be computed again, such as outbox marks. */
  readonly relaxed: DatabaseSync
  close(): void
}

/** The log grows while somebody else reads for long, such as `verify`; afterwards it is cut to this again. */
const longestIdleLogBytes = 16 * 1024 * 1024

/**
 * Opens a database file in WAL mode (or creates it, for its owner only) and brings its schema up to date.
 * @param file path of the database; its folder must exist
 * @param migrations SQL scripts; the file's `user_version` says how many of them have run. Append only.
 * @throws Error when the file was written by a newer version of the program
 */
export function openSqlite(file: string, migrations: readonly string[]): SqliteDatabase {
  const open = (synchronous: 'FULL' | 'NORMAL'): DatabaseSync => {
    const connection = new DatabaseSync(file, { timeout: 5_000 })
    connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON;
       PRAGMA journal_size_limit = ${longestIdleLogBytes};`,
    )
    return connection
  }
  makePrivateFile(file)
  const durable = open('FULL')
  try {
    migrate(durable, file, migrations)
  } catch (error) {
    durable.close()
    throw error
  }
  const relaxed = open('NORMAL')
  return {
    durable,
    relaxed,
    close() {
      relaxed.close()
      durable.close()
    },
  }
}

function migrate(db: DatabaseSync, file: string, migrations: readonly string[]): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > migrations.length) {
    throw new OwnError(`${file} is at version ${version}, but this program knows only ${migrations.length}`)
  }
  migrations.slice(version).forEach((script, index) => {
    inTransaction(db, () => db.exec(`${script}\n; PRAGMA user_version = ${version + index + 1}`))
  })
}

/** Runs `work` in one transaction, which is rolled back when it throws. `work` must be synchronous. */
export function inTransaction<R>(db: DatabaseSync, work: () => R): R {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // After some errors SQLite has rolled back by itself, and failing to do it twice would hide the error.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
