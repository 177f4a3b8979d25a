import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { openCopySource } from '@parley/platform/mongo/copy-source.ts'
import {
  type CopiedDocument,
  type CopyProgress,
  type CopyReport,
  copyTable,
} from '@parley/platform/mongo/copy-table.ts'
import type { Connection } from 'mongoose'
import { raiseChangeClock } from './conversations/change-clock.mongo.ts'
import { conversationModel } from './conversations/conversation-store.mongo.ts'
import { personModel } from './people/people-directory.mongo.ts'
import { receiptId, receiptModel } from './receipts/receipt-store.mongo.ts'
import { entryModel } from './timeline/timeline-store.mongo.ts'
import { countedKinds } from './unread/counted-kinds.ts'
import { countUsage } from './usage/fill-usage.mongo.ts'

/** The versions of the file whose tables have the columns that are read here. */
const knownVersions = [1, 2, 3, 4, 5, 6]

// What counts as unread is counted anew: files of earlier releases do not have it.
const counts = `e.kind IN (${countedKinds.map((kind) => `'${kind}'`).join(', ')})`
// Columns as the fields of the documents; SQLite orders text by its UTF-8 bytes, as MongoDB does.
const selectPeople = `
  SELECT id AS _id, first_name AS firstName, last_name AS lastName FROM people WHERE id > ? ORDER BY id LIMIT ?`
const selectConversations = `
  SELECT id AS _id, kind, member_ids AS memberIds, created_at AS createdAt, head, head AS countedTo,
    (SELECT count(*) FROM entries e WHERE e.conversation_id = c.id AND e.seq <= head AND ${counts}) AS counted,
    (SELECT json_group_object(sender_id, count) FROM (
      SELECT sender_id, count(*) AS count FROM entries e
      WHERE e.conversation_id = c.id AND e.seq <= head AND ${counts} GROUP BY sender_id)) AS countedOf,
    (SELECT max(changed_at) FROM conversation_members WHERE conversation_id = id) AS changedAt
  FROM conversations c WHERE id > ? ORDER BY id LIMIT ?`
const selectEntries = `
  SELECT id AS _id, conversation_id AS conversationId, seq, kind, sender_id AS senderId,
    client_id AS clientId, at, body, pending
  FROM entries WHERE id > ? ORDER BY id LIMIT ?`
// Ids have one length, so their pairs are in the order of what they are joined to.
const selectReceipts = `
  SELECT conversation_id AS conversationId, user_id AS userId, delivered, read, pending, read AS othersReadTo,
    (SELECT count(*) FROM entries e
     WHERE e.conversation_id = r.conversation_id AND e.seq <= read AND e.sender_id <> r.user_id AND ${counts}) AS othersRead
  FROM receipts r WHERE (conversation_id, user_id) > (?, ?) ORDER BY conversation_id, user_id LIMIT ?`

/**
 * Copies an embedded chat database into one that `migrateChat` has prepared: people, conversations, their
 * timelines and receipts, and which of those are still to be published; how much users have stored is counted anew. The file is only read, and must not
 * be in use.
 *
 * Run it again after it was broken off: what is there already is left alone. Afterwards the target holds
 * exactly what the file holds; that is verified.
 * @throws CopyError when the file is of another version, when something else is in the target, or when both
 *   sides do not hold the same in the end
 */
export async function copyChatToMongo({
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
    const people = database.prepare(selectPeople)
    const conversations = database.prepare(selectConversations)
    const entries = database.prepare(selectEntries)
    const receipts = database.prepare(selectReceipts)
    const options = { onProgress, pageSize }
    // What changes from now on comes after all that clients of either side have compared.
    await raiseChangeClock(connection, positionIn(database))
    const report = [
      await copyTable({
        model: personModel(connection),
        readPage: (after, limit) => people.all(after, limit).map(toDocument),
        ...options,
      }),
      await copyTable({
        model: conversationModel(connection),
        readPage: (after, limit) =>
          conversations.all(after, limit).map(({ memberIds, countedOf, ...row }) => ({
            ...toDocument(row),
            memberIds: JSON.parse(String(memberIds)),
            countedOf: JSON.parse(String(countedOf)),
          })),
        ...options,
      }),
      await copyTable({
        model: entryModel(connection),
        readPage: (after, limit) =>
          entries
            .all(after, limit)
            .map(({ body, ...row }) => ({ ...toDocument(row), body: JSON.parse(String(body)) })),
        ...options,
      }),
      await copyTable({
        model: receiptModel(connection),
        readPage: (after, limit) => {
          const [conversationId = '', userId = ''] = after.split('/')
          return receipts.all(conversationId, userId, limit).map((row) =>
            toDocument({
              _id: receiptId({
                conversationId: String(row['conversationId']),
                userId: String(row['userId']),
              }),
              ...row,
            }),
          )
        },
        ...options,
      }),
    ]
    await countUsage(connection)
    return report
  } finally {
    database.close()
  }
}

/** A mark is either there or not, in a document. */
function toDocument({ _id, pending, ...fields }: Record<string, SQLOutputValue>): CopiedDocument {
  return { _id: String(_id), ...fields, ...(pending === 1 ? { pending: true } : {}) }
}

/** Beyond all changes: releases without a clock of changes took positions from the wall clock. */
function positionIn(database: DatabaseSync): number {
  const read = (query: string): number => Number(Object.values(database.prepare(query).get() ?? {})[0])
  const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {}
  const newest = read('SELECT ifnull(max(changed_at), 0) FROM conversation_members')
  return 1 + Math.max(newest, Number(version) < 3 ? 0 : read('SELECT position FROM change_clock'))
}
