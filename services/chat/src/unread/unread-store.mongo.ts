import mongoose, { type Connection } from 'mongoose'
import {
  type CountedFields,
  conversationModel,
  countsFor,
  ofCountsFor,
} from '../conversations/conversation-store.mongo.ts'
import { othersReadOf, receiptId, receiptModel } from '../receipts/receipt-store.mongo.ts'
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
        .find(begun, { head: 1, ...ofCountsFor(userId) })
        .sort({ changedAt: -1, _id: -1 })
        .limit(limit)
        .lean<({ _id: string; head: number } & CountedFields)[]>()
      if (heads.length === 0) return []
      const ids = heads.map(({ _id }) => receiptId({ conversationId: _id, userId }))
      const ofMark = { _id: 0, conversationId: 1, read: 1, othersRead: 1, othersReadTo: 1 } as const
      const marks = await receipts.find({ _id: trusted({ $in: ids }) }, ofMark).lean()
      const markOf = new Map(marks.map((mark) => [mark.conversationId, mark]))
      return heads.flatMap((found) => {
        const { _id: conversationId, head } = found
        const mark = markOf.get(conversationId)
        const read = mark?.read ?? 0
        if (read >= head) return []
        return { conversationId, read, head, atHead: countsFor(userId, found), atRead: othersReadOf(mark) }
      })
    },
  }
}
