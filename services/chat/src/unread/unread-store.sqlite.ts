import type { SqliteDatabase } from '@parley/platform/sqlite.ts'
import type { UnreadStore } from './unread-store.ts'

/** What was counted in earlier releases is counted once for all here; a folder has no replicas that do not count. */
export const countsTables = `
  ALTER TABLE conversations ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN counted_to INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation_members ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE receipts ADD COLUMN others_read INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE receipts ADD COLUMN others_read_to INTEGER NOT NULL DEFAULT 0;
  UPDATE conversations SET counted_to = head, counted = (
    SELECT count(*) FROM entries e
    WHERE e.conversation_id = conversations.id AND e.seq <= conversations.head AND e.kind = 'message-created');
  UPDATE conversation_members SET counted = (
    SELECT count(*) FROM entries e JOIN conversations c ON c.id = e.conversation_id
    WHERE e.conversation_id = conversation_members.conversation_id AND e.sender_id = conversation_members.user_id
      AND e.seq <= c.head AND e.kind = 'message-created');
  UPDATE receipts SET others_read_to = read, others_read = (
    SELECT count(*) FROM entries e
    WHERE e.conversation_id = receipts.conversation_id AND e.seq <= receipts.read
      AND e.sender_id <> receipts.user_id AND e.kind = 'message-created');
`

export function createSqliteUnreadStore({ relaxed }: SqliteDatabase): UnreadStore {
  const selectBehind = relaxed.prepare(
    `SELECT c.id, c.head, c.counted_to, c.counted - m.counted AS others, ifnull(r.read, 0) AS read,
       ifnull(r.others_read_to, 0) AS read_to, ifnull(r.others_read, 0) AS others_read
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
        atHead: { to: Number(row['counted_to']), others: Number(row['others']) },
        atRead: { to: Number(row['read_to']), others: Number(row['others_read']) },
      }))
    },
  }
}
