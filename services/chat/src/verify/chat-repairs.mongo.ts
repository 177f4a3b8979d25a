import mongoose, { type Connection } from 'mongoose'
import { conversationModel, createMongoConversationStore } from '../conversations/conversation-store.mongo.ts'
import { receiptModel } from '../receipts/receipt-store.mongo.ts'
import { entryModel } from '../timeline/timeline-store.mongo.ts'
import { usageModel } from '../usage/usage-store.mongo.ts'
import type { StoredReceipt } from './chat-reader.ts'
import type { ChatRepairs } from './chat-repairs.ts'

export function createMongoChatRepairs(connection: Connection): ChatRepairs {
  const conversations = createMongoConversationStore(connection)
  // Straight to the driver: what is to be repaired may not be of the type that a schema would cast it to.
  const { collection: ofConversations } = conversationModel(connection)
  const { collection: receipts } = receiptModel(connection)
  const { collection: usage } = usageModel(connection)
  const entries = entryModel(connection)
  return {
    createConversation: (conversation) => conversations.create(conversation),
    advance: (head) => conversations.advance([head]),
    async replaceHead(conversationId, from, to) {
      await ofConversations.updateOne(
        { _id: conversationId as never, head: from ?? null },
        { $set: { head: to } },
      )
    },
    async relistMembers() {
      // A conversation and its lists are one document.
    },
    async markPending(entryId) {
      const unpublished = mongoose.trusted({ $exists: true })
      await entries.updateOne({ _id: entryId, pending: unpublished }, { $set: { pending: true } })
    },
    async replaceWatermark(from, to) {
      const uncounted = { othersRead: 0, othersReadTo: 0 }
      await receipts.updateOne(asFound(from), { $set: { ...to, ...uncounted, pending: true } })
    },
    async replaceCounts({ id, counted, countedTo }, { to, all, of }) {
      const found = { _id: id as never, counted, countedTo }
      const counts = { counted: all, countedTo: to, countedOf: Object.fromEntries(of) }
      await ofConversations.updateOne(found, { $set: counts })
    },
    async replaceOthersRead(from, othersRead) {
      await receipts.updateOne(asFound(from), { $set: { othersRead, othersReadTo: from.read } })
    },
    async replaceUsage({ userId, bytes: found }, bytes) {
      await usage.updateOne({ _id: userId as never, bytes: found ?? null }, { $set: { bytes } })
    },
    async removeReceipt(receipt) {
      await receipts.deleteOne(asFound(receipt))
    },
  }
}

/** The watermark, unless it has moved since. */
const asFound = ({ key, delivered, read }: StoredReceipt) => ({
  _id: key as never,
  delivered: delivered ?? null,
  read: read ?? null,
})
