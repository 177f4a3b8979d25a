import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { createSqliteConversationStore } from '../conversations/conversation-store.sqlite.ts'
import type { ChatRepairs } from './chat-repairs.ts'

export function createSqliteChatRepairs(database: SqliteDatabase): ChatRepairs {
  const { durable } = database
  const conversations = createSqliteConversationStore(database)
  const replaceHead = durable.prepare('UPDATE conversations SET head = ? WHERE id = ? AND head = ?')
  const listMembers = durable.prepare(
    `INSERT INTO conversation_members (conversation_id, user_id, changed_at)
     SELECT DISTINCT c.id, m.value, ? FROM conversations c, json_each(c.member_ids) m WHERE c.id = ?
     ON CONFLICT DO NOTHING`,
  )
  const unlistOthers = durable.prepare(
    `DELETE FROM conversation_members WHERE conversation_id = ?1 AND user_id NOT IN
       (SELECT m.value FROM conversations c, json_each(c.member_ids) m WHERE c.id = ?1)`,
  )
  const markPending = durable.prepare('UPDATE entries SET pending = 1 WHERE id = ? AND pending IS NOT NULL')
  const asFound = 'conversation_id = ? AND user_id = ? AND delivered IS ? AND read IS ?'
  const replaceWatermark = durable.prepare(
    `UPDATE receipts SET delivered = ?, read = ?, pending = 1, others_read = 0, others_read_to = 0 WHERE ${asFound}`,
  )
  const replaceOthersRead = durable.prepare(
    `UPDATE receipts SET others_read = ?, others_read_to = read WHERE ${asFound}`,
  )
  const replaceCounts = durable.prepare(
    'UPDATE conversations SET counted = ?, counted_to = ? WHERE id = ? AND counted IS ? AND counted_to IS ?',
  )
  const replaceCountOf = durable.prepare(
    'UPDATE conversation_members SET counted = ifnull((SELECT value FROM json_each(?) WHERE key = user_id), 0) WHERE conversation_id = ?',
  )
  const replaceUsage = durable.prepare('UPDATE usage SET bytes = ? WHERE user_id = ? AND bytes = ?')
  const removeReceipt = durable.prepare(`DELETE FROM receipts WHERE ${asFound}`)

  return {
    createConversation: (conversation) => conversations.create(conversation),
    advance: (head) => conversations.advance([head]),
    async replaceHead(conversationId, from, to) {
      replaceHead.run(to, conversationId, from)
    },
    async relistMembers(conversationId) {
      const changedAt = await conversations.now()
      inTransaction(durable, () => {
        listMembers.run(changedAt, conversationId)
        unlistOthers.run(conversationId)
      })
    },
    async markPending(entryId) {
      markPending.run(entryId)
    },
    async replaceWatermark({ conversationId, userId, ...from }, to) {
      replaceWatermark.run(to.delivered, to.read, conversationId, userId, from.delivered, from.read)
    },
    async replaceCounts({ id, counted, countedTo }, { to, all, of }) {
      inTransaction(durable, () => {
        const { changes } = replaceCounts.run(all, to, id, counted, countedTo)
        if (changes > 0) replaceCountOf.run(JSON.stringify(Object.fromEntries(of)), id)
      })
    },
    async replaceOthersRead({ conversationId, userId, delivered, read }, othersRead) {
      replaceOthersRead.run(othersRead, conversationId, userId, delivered, read)
    },
    async replaceUsage({ userId, bytes: found }, bytes) {
      replaceUsage.run(bytes, userId, found)
    },
    async removeReceipt({ conversationId, userId, delivered, read }) {
      removeReceipt.run(conversationId, userId, delivered, read)
    },
  }
}
