import { inTransaction, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { OwnError } from '@parley/platform/own-error.ts'
import type { KeptWatermark, MemberWatermark, ReceiptStore } from './receipt-store.ts'

export const receiptTables = `
  CREATE TABLE receipts (
    conversation_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    pending INTEGER,
    PRIMARY KEY (conversation_id, user_id),
    CHECK (0 <= read AND read <= delivered)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX receipts_pending ON receipts (conversation_id) WHERE pending = 1;
`

const toWatermark = (row: Record<string, unknown>): MemberWatermark => ({
  conversationId: String(row['conversation_id']),
  userId: String(row['user_id']),
  delivered: Number(row['delivered']),
  read: Number(row['read']),
})
const toKept = (row: Record<string, unknown>): KeptWatermark => ({
  ...toWatermark(row),
  atRead: { to: Number(row['others_read_to']), others: Number(row['others_read']) },
})

export function createSqliteReceiptStore({ relaxed }: SqliteDatabase): ReceiptStore {
  const upsert = relaxed.prepare(
    `INSERT INTO receipts (conversation_id, user_id, delivered, read, pending, others_read, others_read_to)
     VALUES (?, ?, ?, ?, 1, ?, ?)
     ON CONFLICT DO UPDATE SET delivered = max(delivered, excluded.delivered), read = max(read, excluded.read), pending = 1,
       others_read = max(others_read, excluded.others_read), others_read_to = max(others_read_to, excluded.others_read_to)
     WHERE excluded.delivered > delivered OR excluded.read > read`,
  )
  const selectOne = relaxed.prepare('SELECT * FROM receipts WHERE conversation_id = ? AND user_id = ?')
  const selectMany = relaxed.prepare(
    'SELECT * FROM receipts WHERE conversation_id IN (SELECT value FROM json_each(?))',
  )
  const selectPending = relaxed.prepare('SELECT * FROM receipts WHERE pending = 1 LIMIT ?')
  const updateOthersRead = relaxed.prepare(
    'UPDATE receipts SET others_read = ?, others_read_to = read WHERE conversation_id = ? AND user_id = ? AND read = ?',
  )
  const clearPending = relaxed.prepare(
    `UPDATE receipts SET pending = NULL
     WHERE conversation_id = ? AND user_id = ? AND delivered = ? AND read = ?`,
  )

  return {
    async advance({ conversationId, userId, delivered, read }, othersRead) {
      const counted = othersRead === undefined ? ([0, 0] as const) : ([othersRead, read] as const)
      const { changes } = upsert.run(conversationId, userId, delivered, read, ...counted)
      const row = selectOne.get(conversationId, userId)
      if (row === undefined) throw new OwnError('the watermark that was just written is gone')
      return { watermark: toWatermark(row), advanced: changes > 0 }
    },
    async findMany(conversationIds) {
      return selectMany.all(JSON.stringify(conversationIds)).map(toKept)
    },
    async noteOthersRead({ conversationId, userId, read, others }) {
      updateOthersRead.run(others, conversationId, userId, read)
    },
    async pending(limit) {
      return selectPending.all(limit).map(toWatermark)
    },
    async markPublished(watermarks) {
      inTransaction(relaxed, () => {
        for (const { conversationId, userId, delivered, read } of watermarks) {
          clearPending.run(conversationId, userId, delivered, read)
        }
      })
    },
  }
}
