import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { SqliteOutbox } from '../outbox/outbox.sqlite.ts'
import { beginningOfId } from './session-id.ts'
import type { Session, SessionStore } from './session-store.ts'

export const sessionTables = `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_user ON sessions (user_id);
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);
`

export const endedSessionIndex = 'CREATE INDEX sessions_by_end ON sessions (ended_at, id);'

export const sessionRepeatColumns = `
  ALTER TABLE sessions ADD COLUMN exchanged_by TEXT;
  ALTER TABLE sessions ADD COLUMN repeated_generation INTEGER;
  ALTER TABLE sessions ADD COLUMN repeated_in_a_row INTEGER;
  DROP INDEX sessions_by_user;
  CREATE INDEX sessions_by_user ON sessions (user_id, expires_at);
`

/** @param row may be of a file from before some of the columns */
export const toSession = (row: Record<string, unknown>): Session => ({
  id: String(row['id']),
  userId: String(row['user_id']),
  generation: Number(row['generation']),
  rotatedAt: Number(row['rotated_at']),
  expiresAt: Number(row['expires_at']),
  endedAt: row['ended_at'] === null ? null : Number(row['ended_at']),
  ...(typeof row['exchanged_by'] === 'string' && { exchangedBy: row['exchanged_by'] }),
  ...(typeof row['repeated_generation'] === 'number' && {
    repeated: { generation: row['repeated_generation'], inARow: Number(row['repeated_in_a_row']) },
  }),
})

export function createSqliteSessionStore(
  { durable, relaxed }: SqliteDatabase,
  outbox: Pick<SqliteOutbox, 'append'>,
): SessionStore {
  const insert = durable.prepare(
    `INSERT INTO sessions (id, user_id, generation, rotated_at, expires_at, ended_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const select = relaxed.prepare('SELECT * FROM sessions WHERE id = ?')
  const selectActive = relaxed.prepare(
    `SELECT * FROM sessions WHERE user_id = ? AND ended_at IS NULL AND expires_at > ?
     ORDER BY expires_at DESC LIMIT ? OFFSET ?`,
  )
  const update = durable.prepare(
    `UPDATE sessions SET generation = generation + 1, rotated_at = ?, expires_at = ?, exchanged_by = ?
     WHERE id = ? AND generation = ? AND ended_at IS NULL`,
  )
  const noteRepeated = durable.prepare(
    `UPDATE sessions SET repeated_generation = ?, repeated_in_a_row = ?
     WHERE id = ? AND generation = ? AND ended_at IS NULL`,
  )
  const end = durable.prepare('UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL')
  const endUsed = durable.prepare(
    `UPDATE sessions SET ended_at = ?
     WHERE user_id = ? AND expires_at > ? AND ended_at IS NULL AND rotated_at > ? AND id < ?`,
  )
  const selectEnded = relaxed.prepare(
    `SELECT id, user_id, ended_at FROM sessions WHERE (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?`,
  )
  const endAll = durable.prepare('UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL')
  const removeExpired = relaxed.prepare('DELETE FROM sessions WHERE expires_at < ?')

  return {
    async insert({ id, userId, generation, rotatedAt, expiresAt, endedAt }) {
      insert.run(id, userId, generation, rotatedAt, expiresAt, endedAt)
    },
    async find(id) {
      const row = select.get(id)
      return row && toSession(row)
    },
    async findActive(userId, now, { skip, limit }) {
      return selectActive.all(userId, now, limit, skip).map(toSession)
    },
    async advance(id, from, { rotatedAt, expiresAt, exchangedBy = null }) {
      return update.run(rotatedAt, expiresAt, exchangedBy, id, from).changes === 1
    },
    async noteRepeated(id, { generation, inARow }) {
      noteRepeated.run(generation, inARow, id, generation)
    },
    async end(events) {
      return inTransaction(durable, () =>
        events.filter((event) => {
          const ended = end.run(Date.parse(event.time), event.data.sessionId).changes === 1
          if (ended) outbox.append(event)
          return ended
        }),
      )
    },
    async endQuietly(id, at) {
      end.run(at, id)
    },
    async endUsedQuietly(userId, { since, begunBefore }, at) {
      endUsed.run(at, userId, at, since, beginningOfId(begunBefore))
    },
    async endedAfter({ endedAt, id }, limit) {
      return selectEnded.all(endedAt, id, limit).map((row) => ({
        id: String(row['id']),
        userId: String(row['user_id']),
        endedAt: Number(row['ended_at']),
      }))
    },
    async endAll(at) {
      return Number(endAll.run(at).changes)
    },
    async removeExpired(before) {
      removeExpired.run(before)
    },
  }
}
