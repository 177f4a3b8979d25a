import type { Person } from '@parley/contracts/users.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { SqliteOutbox } from '../outbox/outbox.sqlite.ts'
import { endOfPrefix, fullNameKey, nameKey } from './name-key.ts'
import type { StoredUser, UserStore } from './user-store.ts'

export const userTables = `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    full_name_key TEXT NOT NULL,
    last_name_key TEXT NOT NULL
  ) STRICT;
  CREATE INDEX users_by_full_name ON users (full_name_key, id);
  CREATE INDEX users_by_last_name ON users (last_name_key);
`

type Row = Record<string, unknown>

/** Rows were checked when they came in, so they are trusted. */
const toPerson = (row: Row): Person => ({
  id: String(row['id']),
  firstName: String(row['first_name']),
  lastName: String(row['last_name']),
})

const toStoredUser = (row: Row): StoredUser => ({
  ...toPerson(row),
  email: String(row['email']),
  passwordHash: String(row['password_hash']),
  createdAt: String(row['created_at']),
})

const lowestPosition = { fullNameKey: '', id: '' }

const page = (match: string): string =>
  `SELECT * FROM (
     SELECT id, first_name, last_name, full_name_key FROM users
     WHERE ${match} AND (full_name_key, id) > (:afterKey, :afterId)
     ORDER BY full_name_key, id LIMIT :limit)`

export function createSqliteUserStore(
  { durable, relaxed }: SqliteDatabase,
  outbox: Pick<SqliteOutbox, 'append'>,
): UserStore {
  const insert = durable.prepare(
    `INSERT INTO users
       (id, email, first_name, last_name, password_hash, created_at, full_name_key, last_name_key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
  )
  const selectById = relaxed.prepare('SELECT * FROM users WHERE id = ?')
  const selectByEmail = relaxed.prepare('SELECT * FROM users WHERE email = ?')
  // One range of an index per way to match, so that a rare name never costs a walk over all users.
  const selectMatches = relaxed.prepare(
    `${page('full_name_key >= :text AND full_name_key < :end')}
     UNION ${page('last_name_key >= :text AND last_name_key < :end')}
     UNION ${page('email = :text')}
     ORDER BY full_name_key, id LIMIT :limit`,
  )

  const selectAny = relaxed.prepare('SELECT 1 FROM users LIMIT 1')

  return {
    async insert(user, event) {
      const { id, email, firstName, lastName, passwordHash, createdAt } = user
      inTransaction(durable, () => {
        const { changes } = insert.run(
          id,
          email,
          firstName,
          lastName,
          passwordHash,
          createdAt,
          fullNameKey(user),
          nameKey(lastName),
        )
        if (changes === 0) throw new ParleyError('email-taken')
        outbox.append(event)
      })
    },
    async findById(id) {
      const row = selectById.get(id)
      return row && toStoredUser(row)
    },
    async findByEmail(email) {
      const row = selectByEmail.get(email)
      return row && toStoredUser(row)
    },
    async search({ text, after = lowestPosition, limit }) {
      const range = { text, end: endOfPrefix(text) }
      return selectMatches
        .all({ ...range, afterKey: after.fullNameKey, afterId: after.id, limit })
        .map(toPerson)
    },
    async isEmpty() {
      return selectAny.get() === undefined
    },
  }
}
