import type { DatabaseSync } from 'node:sqlite'
import type { Conversation } from '@parley/contracts/conversations.ts'
import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { createSqliteChangeClock } from './change-clock.sqlite.ts'
import type { ChangeClock } from './change-clock.ts'
import type { Change, ConversationStore, Counts, ListedConversation } from './conversation-store.ts'

export const conversationTables = `
  CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    member_ids TEXT NOT NULL, -- JSON
    created_at TEXT NOT NULL,
    head INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  -- The position of change stands with each member, so that one index answers "mine, by change".
  CREATE TABLE conversation_members (
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    user_id TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX conversation_members_by_change ON conversation_members (user_id, changed_at, conversation_id);
`

type Row = Record<string, unknown>

/** Rows were checked when they came in, so they are trusted; one that is damaged holds up no other. */
function prepareReading(connection: DatabaseSync) {
  const selectMembers = connection.prepare(
    'SELECT user_id FROM conversation_members WHERE conversation_id = ? ORDER BY user_id',
  )

  function memberIdsOf(row: Row): unknown {
    try {
      return JSON.parse(String(row['member_ids']))
    } catch {
      // They are in the other table, too.
      return selectMembers.all(String(row['id'])).map((member) => member['user_id'])
    }
  }
  const toConversation = (row: Row): Conversation =>
    ({
      id: row['id'],
      kind: row['kind'],
      memberIds: memberIdsOf(row),
      createdAt: row['created_at'],
    }) as Conversation
  const toListed = (row: Row): ListedConversation => ({
    ...toConversation(row),
    head: Number(row['head']),
    changedAt: Number(row['changed_at']),
    atHead: { to: Number(row['counted_to']), others: Number(row['counted']) - Number(row['counted_of']) },
  })
  return { toConversation, toListed }
}

/**
 * How conversations and their members are told of changes, on a connection and in whatever transaction it is in. Each
 * number only grows, so the greatest is right, whoever comes last.
 */
export function prepareAdvance(connection: DatabaseSync): (changes: readonly Change[]) => void {
  const update = connection.prepare(
    `UPDATE conversations
     SET head = max(head, ?), counted = max(counted, ?), counted_to = max(counted_to, ?) WHERE id = ?`,
  )
  // With one of the senders, who mostly is the only one.
  const updateMembers = connection.prepare(
    `UPDATE conversation_members
     SET changed_at = max(changed_at, ?), counted = max(counted, CASE user_id WHEN ? THEN ? ELSE 0 END)
     WHERE conversation_id = ?`,
  )
  const updateMember = connection.prepare(
    'UPDATE conversation_members SET counted = max(counted, ?) WHERE conversation_id = ? AND user_id = ?',
  )
  return (changes) => {
    for (const { conversationId, head, changedAt, counts } of changes) {
      update.run(head, counts?.all ?? 0, counts?.to ?? 0, conversationId)
      const [first = ['', 0] as const, ...others] = counts?.of ?? []
      updateMembers.run(changedAt, ...first, conversationId)
      for (const [senderId, count] of others) updateMember.run(count, conversationId, senderId)
    }
  }
}

export function createSqliteConversationStore(
  database: SqliteDatabase,
  clock: ChangeClock = createSqliteChangeClock(database),
): ConversationStore {
  const { durable, relaxed } = database
  const insert = durable.prepare(
    'INSERT INTO conversations (id, kind, member_ids, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const insertMember = durable.prepare(
    'INSERT INTO conversation_members (conversation_id, user_id, changed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const selectMany = relaxed.prepare(
    'SELECT * FROM conversations WHERE id IN (SELECT value FROM json_each(?))',
  )
  const mine = `
    SELECT c.*, m.changed_at, m.counted AS counted_of FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ?`
  const selectOneFor = relaxed.prepare(`${mine} AND m.conversation_id = ?`)
  const selectNewest = relaxed.prepare(
    `${mine} AND (m.changed_at, m.conversation_id) < (?, ?)
     ORDER BY m.changed_at DESC, m.conversation_id DESC LIMIT ?`,
  )
  const selectChanges = relaxed.prepare(
    `${mine} AND (m.changed_at, m.conversation_id) > (?, ?)
     ORDER BY m.changed_at, m.conversation_id LIMIT ?`,
  )
  const advance = prepareAdvance(relaxed)
  const { toConversation, toListed } = prepareReading(relaxed)
  const selectCounts = relaxed.prepare(
    `SELECT c.id, c.counted_to, c.counted, m.user_id, m.counted AS counted_of
     FROM conversations c LEFT JOIN conversation_members m ON m.conversation_id = c.id
     WHERE c.id IN (SELECT value FROM json_each(?))`,
  )

  const findMany = async (ids: readonly string[]): Promise<Conversation[]> =>
    selectMany.all(JSON.stringify(ids)).map(toConversation)

  return {
    async create({ id, kind, memberIds, createdAt }, given) {
      const changedAt = given ?? (await clock.stamp())
      inTransaction(durable, () => {
        insert.run(id, kind, JSON.stringify(memberIds), createdAt)
        for (const memberId of memberIds) insertMember.run(id, memberId, changedAt)
      })
    },
    async find(id) {
      return (await findMany([id]))[0]
    },
    findMany,
    async findFor(userId, id) {
      const row = selectOneFor.get(userId, id)
      return row && toListed(row)
    },
    async listFor(userId, { before, limit }) {
      const { changedAt, conversationId } = before ?? {
        changedAt: Number.MAX_SAFE_INTEGER,
        conversationId: '',
      }
      return selectNewest.all(userId, changedAt, conversationId, limit).map(toListed)
    },
    async changesFor(userId, { after, limit }) {
      return selectChanges.all(userId, after.changedAt, after.conversationId, limit).map((row) => ({
        conversationId: String(row['id']),
        head: Number(row['head']),
        changedAt: Number(row['changed_at']),
      }))
    },
    async advance(heads) {
      await clock.write(async (changedAt) =>
        inTransaction(relaxed, () => advance(heads.map((head) => ({ ...head, changedAt })))),
      )
    },
    async advanceTo(changes) {
      inTransaction(relaxed, () => advance(changes))
    },
    async countsOf(ids) {
      const found = new Map<string, Counts & { of: Map<string, number> }>()
      for (const row of selectCounts.all(JSON.stringify(ids))) {
        const id = String(row['id'])
        const counts = found.get(id) ?? {
          to: Number(row['counted_to']),
          all: Number(row['counted']),
          of: new Map<string, number>(),
        }
        if (row['user_id'] !== null) counts.of.set(String(row['user_id']), Number(row['counted_of']))
        found.set(id, counts)
      }
      return found
    },
    async putCounts(conversationId, counts) {
      inTransaction(relaxed, () => advance([{ conversationId, head: 0, changedAt: 0, counts }]))
    },
    now: () => clock.now(),
  }
}
