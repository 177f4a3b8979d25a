import { openSqlite } from '@parley/platform/sqlite.ts'
import { authMigrations } from './stores.sqlite.ts'
import type { StoredUser } from './users/user-store.ts'

const key = (name: string): string => name.normalize('NFKC').toLowerCase()

/** Writes a database file as release 0.1.0 did, with users in it. */
export function writeVersion1(file: string, people: readonly StoredUser[]): void {
  const database = openSqlite(file, authMigrations.slice(0, 1))
  const insert = database.relaxed.prepare(
    `INSERT INTO users
       (id, email, first_name, last_name, password_hash, created_at, full_name_key, last_name_key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  for (const { id, email, firstName, lastName, passwordHash, createdAt } of people) {
    const keys = [key(`${firstName} ${lastName}`), key(lastName)] as const
    insert.run(id, email, firstName, lastName, passwordHash, createdAt, ...keys)
  }
  database.close()
}
