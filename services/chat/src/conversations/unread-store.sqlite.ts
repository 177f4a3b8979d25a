import type { SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { UnreadStore } from './unread-store.ts'

export function createSqliteUnreadStore({ relaxed }: SqliteDatabase): UnreadStore {
  const selectBehind = relaxed.prepare(
    `SELECT c.id, c.head, ifnull(r.read, 0) AS read
     FROM conversation_members m
       JOIN conversations c ON c.id = m.conversation_id
       LEFT JOIN receipts r ON r.conversation_id = m.conversation_id AND r.user_id = m.user_id
     WHERE m.user_id = ? AND c.head > ifnull(r.read, 0) LIMIT ?`,
  )
  return {
    async behind(userId, limit) {
      return selectBehind.all(userId, limit).map((row) => ({
        conversationId: String(row['id']),
        read: Number(row['read']),
        head: Number(row['head']),
      }))
    },
  }
}
