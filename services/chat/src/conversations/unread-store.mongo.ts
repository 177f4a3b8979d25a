import mongoose, { type Connection } from 'mongoose'
import { receiptId, receiptModel } from '../receipts/receipt-store.mongo.ts'
import { conversationModel } from './conversation-store.mongo.ts'
import type { UnreadStore } from './unread-store.ts'

const { trusted } = mongoose

/** Two queries by keys; joining them on the server is no less work there, and ties their shards together. */
export function createMongoUnreadStore(connection: Connection): UnreadStore {
  const conversations = conversationModel(connection)
  const receipts = receiptModel(connection)

  return {
    async behind(userId, limit) {
      const begun = { memberIds: userId, head: trusted({ $gt: 0 }) }
      const heads = await conversations
        .find(begun, { head: 1 })
        .sort({ changedAt: -1, _id: -1 })
        .limit(limit)
        .lean()
      if (heads.length === 0) return []
      const ids = heads.map(({ _id }) => receiptId({ conversationId: _id, userId }))
      const marks = await receipts
        .find({ _id: trusted({ $in: ids }) }, { _id: 0, conversationId: 1, read: 1 })
        .lean()
      const readOf = new Map(marks.map(({ conversationId, read }) => [conversationId, read]))
      return heads.flatMap(({ _id, head }) => {
        const read = readOf.get(_id) ?? 0
        return read < head ? { conversationId: _id, read, head } : []
      })
    },
  }
}
