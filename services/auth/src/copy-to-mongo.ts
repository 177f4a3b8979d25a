import type { Event } from '@parley/contracts/events.ts'
import { openCopySource } from '@parley/platform/mongo/copy-source.ts'
import { type CopyProgress, type CopyReport, copyTable } from '@parley/platform/mongo/copy-table.ts'
import type { Connection } from 'mongoose'
import { outboxModel, toOutboxDocument } from './outbox/outbox.mongo.ts'
import { sessionModel, toSessionDocument } from './sessions/session-store.mongo.ts'
import { toSession } from './sessions/session-store.sqlite.ts'
import { toUserDocument, userModel } from './users/user-store.mongo.ts'
import { toStoredUser } from './users/user-store.sqlite.ts'

/** The versions of the file whose tables have the columns that are read here. */
const knownVersions = [1, 2, 3, 4]

// SQLite orders text by its UTF-8 bytes, as MongoDB does. What users are searched by follows from their names, and is
// made anew. Older files have fewer columns.
const selectUsers = 'SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?'
const selectSessions = 'SELECT * FROM sessions WHERE id > ? ORDER BY id LIMIT ?'
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
          users.all(after, limit).map((row) => ({ ...toUserDocument(toStoredUser(row)) })),
        ...options,
      }),
      await copyTable({
        model: sessionModel(connection),
        readPage: (after, limit) =>
          sessions.all(after, limit).map((row) => ({ ...toSessionDocument(toSession(row)) })),
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
