import type { Event } from '@parley/contracts/events.ts'
import { openCopySource } from '@parley/platform/mongo/copy-source.ts'
import {
  type CopiedDocument,
  type CopyProgress,
  type CopyReport,
  copyTable,
} from '@parley/platform/mongo/copy-table.ts'
import type { Connection } from 'mongoose'
import { outboxModel, toOutboxDocument } from './outbox/outbox.mongo.ts'
import { sessionModel } from './sessions/session-store.mongo.ts'
import { toUserDocument, userModel } from './users/user-store.mongo.ts'
import type { StoredUser } from './users/user-store.ts'

/** The versions of the file whose tables have the columns that are read here. */
const knownVersions = [1, 2]

// Columns as the fields of the documents; SQLite orders text by its UTF-8 bytes, as MongoDB does. What users are
// searched by follows from their names, and is made anew.
const selectUsers = `
  SELECT id, email, first_name AS firstName, last_name AS lastName, password_hash AS passwordHash,
    created_at AS createdAt
  FROM users WHERE id > ? ORDER BY id LIMIT ?`
const selectSessions = `
  SELECT id AS _id, user_id AS userId, generation, rotated_at AS rotatedAt, expires_at AS expiresAt,
    ended_at AS endedAt
  FROM sessions WHERE id > ? ORDER BY id LIMIT ?`
const selectEvents = 'SELECT event_id, event FROM outbox WHERE event_id > ? ORDER BY event_id LIMIT ?'

/**
 * Copies an embedded auth database into one that `migrateAuth` has prepared: users, sessions, and the events
 * that are still to be published. The file is only read, and must not be in use.
 *
 * Run it again after it was broken off: what is there already is left alone. Afterwards the target holds
 * exactly what the file holds; that is verified.
 * @throws CopyError when the file is of another version, when something else is in the target, or when both
 *   sides do not hold the same in the end
 */
export async function copyAuthToMongo({
  file,
  connection,
  onProgress,
  pageSize,
}: {
  file: string
  connection: Connection
  onProgress?: (progress: CopyProgress) => void
  /** How many rows are read and written at a time. */
  pageSize?: number
}): Promise<CopyReport[]> {
  const database = openCopySource(file, knownVersions)
  try {
    const users = database.prepare(selectUsers)
    const sessions = database.prepare(selectSessions)
    const events = database.prepare(selectEvents)
    const options = { onProgress, pageSize }
    return [
      await copyTable({
        model: userModel(connection),
        readPage: (after, limit) =>
          users.all(after, limit).map((row) => ({ ...toUserDocument(row as unknown as StoredUser) })),
        ...options,
      }),
      await copyTable({
        model: sessionModel(connection),
        readPage: (after, limit) => sessions.all(after, limit) as unknown as CopiedDocument[],
        ...options,
      }),
      await copyTable({
        model: outboxModel(connection),
        readPage: (after, limit) =>
          events.all(after, limit).map((row) => toOutboxDocument(JSON.parse(String(row['event'])) as Event)),
        ...options,
      }),
    ]
  } finally {
    database.close()
  }
}
