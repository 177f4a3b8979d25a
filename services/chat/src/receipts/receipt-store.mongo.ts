import mongoose, { type Connection, type Model } from 'mongoose'
import type { MemberWatermark, ReceiptStore } from './receipt-store.ts'

/** A watermark as it is stored. `pending` is there until its last move is known to be published. */
export interface ReceiptDocument extends MemberWatermark {
  /** Of the conversation and the member, so there is one of each. */
  readonly _id: string
  readonly pending?: true
}

const text = { type: String, required: true }
const number = { type: Number, required: true }
const schema = new mongoose.Schema<ReceiptDocument>(
  { _id: text, conversationId: text, userId: text, delivered: number, read: number, pending: Boolean },
  { collection: 'receipts', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
schema.index({ conversationId: 1 }, { name: 'conversation' })
schema.index({ pending: 1 }, { name: 'pending', partialFilterExpression: { pending: true } })

export const receiptModel = (connection: Connection): Model<ReceiptDocument> =>
  connection.models['Receipt'] ?? connection.model<ReceiptDocument>('Receipt', schema)

export const receiptId = ({ conversationId, userId }: Pick<MemberWatermark, 'conversationId' | 'userId'>) =>
  `${conversationId}/${userId}`

const ofWatermark = { _id: 0, conversationId: 1, userId: 1, delivered: 1, read: 1 } as const

export function createMongoReceiptStore(connection: Connection): ReceiptStore {
  const receipts = receiptModel(connection)

  return {
    async advance(to) {
      // One step for the server, so of several moves at the same time each knows whether it was one.
      const before = await receipts.collection.findOneAndUpdate(
        { _id: receiptId(to) as never },
        [
          {
            $set: {
              conversationId: { $literal: to.conversationId },
              userId: { $literal: to.userId },
              delivered: { $max: ['$delivered', to.delivered] },
              read: { $max: ['$read', to.read] },
              pending: { $cond: [isBehind(to), true, '$pending'] },
            },
          },
        ],
        { upsert: true, returnDocument: 'before', projection: ofWatermark },
      )
      const { delivered, read } = (before as MemberWatermark | null) ?? { delivered: 0, read: 0 }
      return {
        watermark: { ...to, delivered: Math.max(delivered, to.delivered), read: Math.max(read, to.read) },
        advanced: before === null || to.delivered > delivered || to.read > read,
      }
    },
    async findMany(conversationIds) {
      const among = { conversationId: mongoose.trusted({ $in: [...conversationIds] }) }
      return receipts.find(among, ofWatermark).lean<MemberWatermark[]>()
    },
    async pending(limit) {
      // Said outright, since a planner may prefer to read everything when few marks are left.
      const marked = receipts.find({ pending: true }, ofWatermark).hint('pending')
      return marked.limit(limit).lean<MemberWatermark[]>()
    },
    async markPublished(watermarks) {
      if (watermarks.length === 0) return
      // A mark that a failover loses costs one more publication, which consumers drop.
      await receipts.collection.bulkWrite(
        watermarks.map((watermark) => ({
          updateOne: {
            filter: {
              _id: receiptId(watermark) as never,
              delivered: watermark.delivered,
              read: watermark.read,
            },
            update: { $unset: { pending: '' } },
          },
        })),
        { ordered: false, writeConcern: { w: 1 } },
      )
    },
  }
}

/** Whether what is stored, if anything, is behind `to`: nothing is less than any number. */
const isBehind = (to: MemberWatermark) => ({
  $or: [{ $lt: ['$delivered', to.delivered] }, { $lt: ['$read', to.read] }],
})
