import { messageFromEntry } from '@parley/contracts/fold.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { type Failpoints, noFailpoints } from '@parley/platform/failpoints.ts'
import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { prepareAdvance } from '../conversations/conversation-store.sqlite.ts'
import type { ChangeClock } from '../conversations/change-clock.ts'
import { countedKinds } from '../unread/counted-kinds.ts'
import { headsOf as plainHeadsOf } from './heads-of.ts'
import { readInParts } from './read-in-parts.ts'
import type { AppendOutcome, TimelineStore } from './timeline-store.ts'

export const timelineTables = `
  CREATE TABLE entries (
    conversation_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL, -- JSON
    pending INTEGER,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (conversation_id, sender_id, client_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_pending ON entries (at) WHERE pending = 1;
`

/**
 * The rows in the order in which they come, and not inside the index by conversation: a group of entries is for
 * many conversations, and wrote as many pages of that index, each with whole messages in it (43 µs of CPU per
 * entry in groups of 50, 27 so; marking 10 and 2).
 */
export const timelineTablesInOrder = `
  CREATE TABLE entries_in_order (
    conversation_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL, -- JSON
    pending INTEGER,
    UNIQUE (conversation_id, seq),
    UNIQUE (conversation_id, sender_id, client_id)
  ) STRICT;
  INSERT INTO entries_in_order SELECT * FROM entries ORDER BY id;
  DROP TABLE entries;
  ALTER TABLE entries_in_order RENAME TO entries;
  CREATE INDEX entries_pending ON entries (at) WHERE pending = 1;
`

type Row = Record<string, unknown>

/** Rows were checked when they came in, so they are trusted, as far as the disk kept them. */
const toEntry = (row: Row): TimelineEntry =>
  ({
    id: row['id'],
    conversationId: row['conversation_id'],
    seq: row['seq'],
    kind: row['kind'],
    senderId: row['sender_id'],
    clientId: row['client_id'],
    at: row['at'],
    body: bodyOf(row),
  }) as TimelineEntry

/** A row whose body is damaged stands for itself alone: its seq counts, and all others of a page can be read. */
function bodyOf(row: Row): unknown {
  try {
    return JSON.parse(String(row['body']))
  } catch {
    // The sign for what cannot be read (U+FFFD). `verify` names such rows.
    return { text: '\uFFFD' }
  }
}

const toMessage = (row: Row) => messageFromEntry(toEntry(row))

export function createSqliteTimelineStore(
  { durable, relaxed }: SqliteDatabase,
  clock: ChangeClock,
  failpoints: Failpoints = noFailpoints,
): TimelineStore {
  const insert = durable.prepare(
    `INSERT INTO entries (conversation_id, seq, id, kind, sender_id, client_id, at, body, pending)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)`,
  )
  const selectHead = relaxed.prepare('SELECT max(seq) AS head FROM entries WHERE conversation_id = ?')
  const selectByClientKey = relaxed.prepare(
    'SELECT * FROM entries WHERE conversation_id = ? AND sender_id = ? AND client_id = ?',
  )
  const selectAfter = relaxed.prepare(
    'SELECT * FROM entries WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?',
  )
  const messages = `SELECT * FROM entries WHERE conversation_id = ? AND kind = 'message-created'`
  const selectMessage = relaxed.prepare(`${messages} AND id = ?`)
  const selectBefore = relaxed.prepare(`${messages} AND seq < ? ORDER BY seq DESC LIMIT ?`)
  const countBetween = relaxed.prepare(
    `SELECT sender_id, count(*) AS count FROM entries
     WHERE conversation_id = ? AND seq > ? AND seq <= ? AND kind IN (SELECT value FROM json_each(?))
     GROUP BY sender_id`,
  )
  const selectPending = relaxed.prepare(
    'SELECT * FROM entries WHERE pending = 1 AND at < ? ORDER BY at LIMIT ?',
  )
  const selectAhead = relaxed.prepare(
    'SELECT * FROM entries WHERE pending = 1 AND at > ? ORDER BY at LIMIT ?',
  )
  const clearPending = relaxed.prepare(
    'UPDATE entries SET pending = NULL WHERE id IN (SELECT value FROM json_each(?))',
  )

  const advance = prepareAdvance(durable)

  function insertInOrder(entries: readonly TimelineEntry[]): AppendOutcome {
    let inserted = 0
    for (const { conversationId, seq, id, kind, senderId, clientId, at, body } of entries) {
      try {
        insert.run(conversationId, seq, id, kind, senderId, clientId, at, JSON.stringify(body))
      } catch (error) {
        return { inserted, refused: whatIsTaken(error) }
      }
      inserted += 1
      if (inserted < entries.length) failpoints.hit('mid-group')
    }
    return { inserted }
  }

  return {
    // A sync.
    appendPaceMs: 4,
    async append(entries, headsOf = plainHeadsOf) {
      const changedAt = await clock.stamp()
      return inTransaction(durable, () => {
        const outcome = insertInOrder(entries)
        const advanced = headsOf(entries.slice(0, outcome.inserted))
        advance(advanced.map((head) => ({ ...head, changedAt })))
        return { ...outcome, advanced }
      })
    },
    async heads(conversationIds) {
      return new Map(conversationIds.map((id) => [id, Number(selectHead.get(id)?.['head'] ?? 0)]))
    },
    async findByClientKeys(keys) {
      return keys.flatMap(({ conversationId, senderId, clientId }) =>
        selectByClientKey.all(conversationId, senderId, clientId).map(toEntry),
      )
    },
    async after(conversationId, seq, limit, mostBytes) {
      const read = (from: number, count: number) => selectAfter.all(conversationId, from, count)
      return readInParts(read, { from: seq, limit, mostBytes }).map(toEntry)
    },
    async findMessage(conversationId, messageId) {
      const row = selectMessage.get(conversationId, messageId)
      return row && toMessage(row)
    },
    async messagesBefore(conversationId, seq = Number.MAX_SAFE_INTEGER, limit, mostBytes) {
      const read = (from: number, count: number) => selectBefore.all(conversationId, from, count)
      return readInParts(read, { from: seq, limit, mostBytes }).map(toMessage)
    },
    async countBySender(conversationId, after, upTo) {
      const rows = countBetween.all(conversationId, after, upTo, JSON.stringify(countedKinds))
      return new Map(rows.map((row) => [String(row['sender_id']), Number(row['count'])]))
    },
    async pending(acceptedBefore, limit, orAfter) {
      const due = selectPending.all(acceptedBefore, limit)
      const ahead = orAfter === undefined ? [] : selectAhead.all(orAfter, limit - due.length)
      return [...due, ...ahead].map(toEntry)
    },
    async markPublished(entryIds) {
      clearPending.run(JSON.stringify(entryIds))
    },
  }
}

/** SQLite names the columns of the constraint that refused a row. Any other error is thrown on. */
function whatIsTaken(error: unknown): 'seq-taken' | 'client-id-taken' {
  const { message = '' } = error as Partial<Error>
  if (!message.startsWith('UNIQUE constraint failed')) throw error
  if (message.includes('entries.client_id')) return 'client-id-taken'
  if (message.includes('entries.seq')) return 'seq-taken'
  throw error
}
