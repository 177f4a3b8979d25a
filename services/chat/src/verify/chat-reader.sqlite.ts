import { DatabaseSync } from 'node:sqlite'
import { countedKinds } from '../unread/counted-kinds.ts'
import { bytesOfEntry } from '../usage/usage-store.sqlite.ts'
import { type SenderCount, toCountedEntries } from './chat-reader.ts'
import type {
  ChatReader,
  EntryPlace,
  Mark,
  NewestEntry,
  StoredClientKey,
  StoredConversation,
  StoredEntry,
  StoredReceipt,
  StoredUsage,
} from './chat-reader.ts'

type Row = Record<string, unknown>

const markOf = (pending: unknown): Mark =>
  pending === 1 ? 'pending' : pending === null ? 'published' : 'unreadable'

/** What is no JSON is found as malformed. */
function fromJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const toEntry = ({ body, pending, ...entry }: Row): StoredEntry =>
  ({ ...entry, body: fromJson(body), mark: markOf(pending) }) as StoredEntry
const toConversation = ({ memberIds, listedFor, countedOf, ...conversation }: Row): StoredConversation =>
  ({
    ...conversation,
    memberIds: fromJson(memberIds) ?? [],
    listedFor: fromJson(listedFor),
    countedOf: fromJson(countedOf),
  }) as StoredConversation
const toReceipt = ({ pending, ...receipt }: Row): StoredReceipt =>
  ({ ...receipt, mark: markOf(pending) }) as StoredReceipt

const ofPlace = 'id, conversation_id AS conversationId, seq, kind'
const ofEntry = `${ofPlace}, sender_id AS senderId, client_id AS clientId, at, body, pending`
const ofConversation = `
  id, kind, member_ids AS memberIds, created_at AS createdAt, head, counted, counted_to AS countedTo,
  (SELECT json_group_object(user_id, counted) FROM conversation_members WHERE conversation_id = id) AS countedOf,
  (SELECT min(changed_at) FROM conversation_members WHERE conversation_id = id) AS changedAt,
  (SELECT json_group_array(user_id) FROM conversation_members WHERE conversation_id = id) AS listedFor`
const ofReceipt = `
  conversation_id || '/' || user_id AS key, conversation_id AS conversationId, user_id AS userId,
  delivered, read, others_read AS othersRead, others_read_to AS othersReadTo, pending`
const among = '(SELECT value FROM json_each(?))'

/**
 * Reads the database file of an embedded chat, which may be in use.
 * @param migrations the scripts that the file's schema comes from
 */
export function createSqliteChatReader(db: DatabaseSync, migrations: readonly string[]): ChatReader {
  const entries = db.prepare(
    `SELECT ${ofEntry} FROM entries WHERE (conversation_id, seq) > (?, ?) ORDER BY conversation_id, seq LIMIT ?`,
  )
  const clientKeys = db.prepare(
    `SELECT conversation_id AS conversationId, sender_id AS senderId, client_id AS clientId, seq, id
     FROM entries WHERE (conversation_id, sender_id, client_id) > (?, ?, ?)
     ORDER BY conversation_id, sender_id, client_id LIMIT ?`,
  )
  const conversations = db.prepare(
    `SELECT ${ofConversation} FROM conversations WHERE id > ? ORDER BY id LIMIT ?`,
  )
  const receipts = db.prepare(
    `SELECT ${ofReceipt} FROM receipts WHERE (conversation_id, user_id) > (?, ?)
     ORDER BY conversation_id, user_id LIMIT ?`,
  )
  const people = db.prepare('SELECT id FROM people WHERE id > ? ORDER BY id LIMIT ?')
  const entriesById = db.prepare(`SELECT ${ofPlace} FROM entries WHERE id IN ${among}`)
  const conversationsById = db.prepare(`SELECT ${ofConversation} FROM conversations WHERE id IN ${among}`)
  const receiptByKey = db.prepare(
    `SELECT ${ofReceipt} FROM receipts WHERE conversation_id = ? AND user_id = ?`,
  )
  const newest = db.prepare(
    `SELECT ${ofEntry} FROM entries WHERE conversation_id = ? ORDER BY seq DESC LIMIT 1`,
  )
  const countUpTo = db.prepare(
    `SELECT sender_id AS senderId, count(*) AS entries, max(seq) AS last,
       sum(kind IN (SELECT value FROM json_each(?))) AS counted
     FROM entries WHERE conversation_id = ? AND seq <= ? GROUP BY sender_id`,
  )
  const knownPeople = db.prepare(`SELECT id FROM people WHERE id IN ${among}`)
  const usage = db.prepare(
    'SELECT user_id AS userId, bytes FROM usage WHERE user_id > ? ORDER BY user_id LIMIT ?',
  )
  const usageOf = db.prepare('SELECT user_id AS userId, bytes FROM usage WHERE user_id = ?')
  const storedBytes = db.prepare(
    `SELECT total(${bytesOfEntry}) AS bytes FROM entries WHERE sender_id = ?1
       AND conversation_id IN (SELECT conversation_id FROM conversation_members WHERE user_id = ?1)`,
  )
  const count = (table: string): number =>
    Number(db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'])

  return {
    async storageFaults() {
      const damage = db
        .prepare('PRAGMA integrity_check(10)')
        .all()
        .map((row) => String(row['integrity_check']))
      return [...schemaFaults(db, migrations), ...damage.filter((line) => line !== 'ok')]
    },
    async counts() {
      return {
        entries: count('entries'),
        conversations: count('conversations'),
        receipts: count('receipts'),
        usage: count('usage'),
      }
    },
    async entries(after, limit) {
      return entries.all(after?.conversationId ?? '', after?.seq ?? 0, limit).map(toEntry)
    },
    async clientKeys(after, limit) {
      const behind = [after?.conversationId ?? '', after?.senderId ?? '', after?.clientId ?? ''] as const
      return clientKeys.all(...behind, limit) as unknown[] as StoredClientKey[]
    },
    async conversations(after, limit) {
      return conversations.all(after?.id ?? '', limit).map(toConversation)
    },
    async receipts(after, limit) {
      return receipts.all(...partsOf(after?.key ?? ''), limit).map(toReceipt)
    },
    async usage(after, limit) {
      return usage.all(after?.userId ?? '', limit) as unknown[] as StoredUsage[]
    },
    async people(after, limit) {
      return people.all(after ?? '', limit).map(({ id }) => String(id))
    },
    async entriesById(ids) {
      return entriesById.all(JSON.stringify(ids)) as unknown[] as EntryPlace[]
    },
    async conversationsById(ids) {
      return conversationsById.all(JSON.stringify(ids)).map(toConversation)
    },
    async receiptsByKey(keys) {
      return keys.flatMap((key) => receiptByKey.all(...partsOf(key)).map(toReceipt))
    },
    async newest(conversationIds) {
      return conversationIds.flatMap((id): NewestEntry[] => newest.all(id).map(toEntry))
    },
    async countedEntries(conversationId, upTo) {
      const rows = countUpTo.all(JSON.stringify(countedKinds), conversationId, upTo)
      return toCountedEntries(rows as unknown as SenderCount[])
    },
    async usageOf(userId) {
      return usageOf.get(userId) as StoredUsage | undefined
    },
    async storedBytes(userId) {
      return Number(storedBytes.get(userId)?.['bytes'])
    },
    async knownPeople(ids) {
      return new Set(knownPeople.all(JSON.stringify(ids)).map(({ id }) => String(id)))
    },
  }
}

const partsOf = (key: string): [conversationId: string, userId: string] => {
  const [conversationId = '', userId = ''] = key.split('/')
  return [conversationId, userId]
}

/** Compares tables and indexes with those of a new file: they are what keeps most of the promises. */
function schemaFaults(db: DatabaseSync, migrations: readonly string[]): string[] {
  const fresh = new DatabaseSync(':memory:')
  for (const script of migrations) fresh.exec(script)
  const [expected, found] = [schemaOf(fresh), schemaOf(db)]
  fresh.close()
  return [...expected].flatMap(([name, sql]) => {
    if (!found.has(name)) return [`${name} is missing`]
    return found.get(name) === sql ? [] : [`${name} is not as chat makes it`]
  })
}

function schemaOf(db: DatabaseSync): Map<string, string> {
  const made = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
  return new Map(
    db
      .prepare(made)
      .all()
      .map(({ name, sql }) => [String(name), String(sql)]),
  )
}
