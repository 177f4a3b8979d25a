import type { DatabaseSync } from 'node:sqlite'
import type { Person } from '@parley/contracts/users.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { SqliteOutbox } from '../outbox/outbox.sqlite.ts'
import { foldedNameOf } from './folded-name.ts'
import { gramsOfName } from './name-grams.ts'
import {
  type NamePosition,
  sampledHashes,
  startedBefore,
  type StoredUser,
  type UserStore,
} from './user-store.ts'

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

/** Users are searched by the grams of their names; `fillSearchedNames` has those of users from before. */
export const searchedNameTables = `
  DROP INDEX users_by_full_name;
  DROP INDEX users_by_last_name;
  ALTER TABLE users DROP COLUMN full_name_key;
  ALTER TABLE users DROP COLUMN last_name_key;
  ALTER TABLE users ADD COLUMN folded_name TEXT;
  CREATE INDEX users_without_folded_name ON users (id) WHERE folded_name IS NULL;
  CREATE TABLE user_name_grams (
    gram TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (gram, folded_name, user_id)
  ) STRICT, WITHOUT ROWID;
`

export const sessionsEndedColumn = 'ALTER TABLE users ADD COLUMN sessions_ended_before INTEGER;'

type Row = Record<string, unknown>

/** Rows were checked when they came in, so they are trusted. */
const toPerson = (row: Row): Person => ({
  id: String(row['id']),
  firstName: String(row['first_name']),
  lastName: String(row['last_name']),
})

export const toStoredUser = (row: Row): StoredUser => ({
  ...toPerson(row),
  email: String(row['email']),
  passwordHash: String(row['password_hash']),
  createdAt: String(row['created_at']),
  ...(typeof row['sessions_ended_before'] === 'number' && {
    sessionsEndedBefore: row['sessions_ended_before'],
  }),
})

const lowestPosition: NamePosition = { foldedName: '', id: '' }

/** Enough to tell a rare gram from one that many have. */
const mostCounted = 1_000

const rarestGram = `
  SELECT value FROM json_each(?) ORDER BY (
    SELECT count(*) FROM (SELECT 1 FROM user_name_grams WHERE gram = value LIMIT ${mostCounted})
  ) LIMIT 1`

// It walks along the rarest of the grams, in order, looks the others up for each who has it, and ends with the page.
const byGrams = `
  SELECT id, first_name, last_name
  FROM user_name_grams AS found CROSS JOIN users ON users.id = found.user_id
  WHERE found.gram = :rarest AND (found.folded_name, found.user_id) > (:foldedName, :id) AND NOT EXISTS (
    SELECT 1 FROM json_each(:grams) WHERE NOT EXISTS (
      SELECT 1 FROM user_name_grams AS other
      WHERE other.gram = value AND other.folded_name = found.folded_name AND other.user_id = found.user_id))
  ORDER BY found.folded_name, found.user_id LIMIT :limit`

/** Writes by what people are searched; in the order of the index, so that each of its pages is written once. */
function createNameWriter(db: DatabaseSync): (users: readonly Person[]) => void {
  const setFoldedName = db.prepare('UPDATE users SET folded_name = ? WHERE id = ?')
  const insertGrams = db.prepare(
    `INSERT INTO user_name_grams (gram, folded_name, user_id)
       SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) ORDER BY 1, 2, 3`,
  )
  return (users) => {
    const rows = users.flatMap((user) => {
      const foldedName = foldedNameOf(user)
      setFoldedName.run(foldedName, user.id)
      return gramsOfName(foldedName).map((gram) => [gram, foldedName, user.id])
    })
    insertGrams.run(JSON.stringify(rows))
  }
}

/**
 * Makes users findable by name who were written by a program before this one, a few at a time. It goes on where
 * it was broken off, so nothing is lost that has to be synced.
 */
export function fillSearchedNames({ relaxed }: SqliteDatabase): void {
  const writeNames = createNameWriter(relaxed)
  const selectSome = relaxed.prepare(
    'SELECT id, first_name, last_name FROM users WHERE folded_name IS NULL LIMIT 2000',
  )
  for (;;) {
    const found = selectSome.all().map(toPerson)
    if (found.length === 0) return
    inTransaction(relaxed, () => writeNames(found))
  }
}

export function createSqliteUserStore(
  { durable, relaxed }: SqliteDatabase,
  outbox: Pick<SqliteOutbox, 'append'>,
): UserStore {
  const insert = durable.prepare(
    `INSERT INTO users
       (id, email, first_name, last_name, password_hash, created_at)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
  )
  const writeNames = createNameWriter(durable)
  const selectById = relaxed.prepare('SELECT * FROM users WHERE id = ?')
  const selectByEmail = relaxed.prepare('SELECT * FROM users WHERE email = ?')
  const selectRarest = relaxed.prepare(rarestGram)
  const selectByGrams = relaxed.prepare(byGrams)
  const selectAny = relaxed.prepare('SELECT 1 FROM users LIMIT 1')
  const markSessions = durable.prepare(
    'UPDATE users SET sessions_ended_before = max(coalesce(sessions_ended_before, 0), ?) WHERE id = ?',
  )
  const updateHash = durable.prepare('UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?')
  const selectHashes = ['ASC', 'DESC'].map((order) =>
    relaxed.prepare(`SELECT password_hash FROM users ORDER BY id ${order} LIMIT ${sampledHashes}`),
  )

  return {
    async insert(user, event) {
      const { id, email, firstName, lastName, passwordHash, createdAt } = user
      inTransaction(durable, () => {
        const { changes } = insert.run(id, email, firstName, lastName, passwordHash, createdAt)
        if (changes === 0) throw new ParleyError('email-taken')
        writeNames([user])
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
    async findByGrams({ grams, after = lowestPosition, limit }) {
      const all = JSON.stringify(grams)
      const rarest = String(selectRarest.get(all)?.['value'])
      const { foldedName, id } = after
      return selectByGrams.all({ rarest, grams: all, foldedName, id, limit }).map(toPerson)
    },
    async isEmpty() {
      return selectAny.get() === undefined
    },
    async endSessions(id, event) {
      inTransaction(durable, () => {
        markSessions.run(startedBefore(event), id)
        outbox.append(event)
      })
    },
    async replacePasswordHash(id, old, hash) {
      updateHash.run(hash, id, old)
    },
    async samplePasswordHashes() {
      return selectHashes.flatMap((select) => select.all().map((row) => String(row['password_hash'])))
    },
  }
}
