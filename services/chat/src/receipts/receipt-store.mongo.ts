import mongoose, { type Connection, type Model } from 'mongoose'
import type { OthersUpTo } from '../unread/others-up-to.ts'
import type { KeptWatermark, MemberWatermark, ReceiptStore } from './receipt-store.ts'

/** A watermark as it is stored. `pending` is there until its last move is known to be published. */
export interface ReceiptDocument extends MemberWatermark {
  /** Of the conversation and the member, so there is one of each. */
  readonly _id: string
  readonly pending?: true
  // Missing while nobody has counted.
  readonly othersRead?: number
  readonly othersReadTo?: number
}

const text = { type: String, required: true }
const number = { type: Number, required: true }
const schema = new mongoose.Schema<ReceiptDocument>(
  {
    _id: text,
    conversationId: text,
    userId: text,
    delivered: number,
    read: number,
    pending: Boolean,
    othersRead: Number,
    othersReadTo: Number,
  },
  { collection: 'receipts', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
schema.index({ conversationId: 1 }, { name: 'conversation' })
schema.index({ pending: 1 }, { name: 'pending', partialFilterExpression: { pending: true } })

export const receiptModel = (connection: Connection): Model<ReceiptDocument> =>
  connection.models['Receipt'] ?? connection.model<ReceiptDocument>('Receipt', schema)

export const receiptId = ({ conversationId, userId }: Pick<MemberWatermark, 'conversationId' | 'userId'>) =>
  `${conversationId}/${userId}`

type OthersReadFields = Pick<ReceiptDocument, 'othersRead' | 'othersReadTo'>
export const othersReadOf = (found: OthersReadFields | undefined): OthersUpTo => ({
  to: found?.othersReadTo ?? 0,
  others: found?.othersRead ?? 0,
})

const ofWatermark = { _id: 0, conversationId: 1, userId: 1, delivered: 1, read: 1 } as const

export function createMongoReceiptStore(connection: Connection): ReceiptStore {
  const receipts = receiptModel(connection)

  return {
    async advance(to, othersRead) {
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
              // Both only grow with the mark, so the greatest are of one seq.
              ...(othersRead !== undefined && {
                othersRead: { $max: ['$othersRead', othersRead] },
                othersReadTo: { $max: ['$othersReadTo', to.read] },
              }),
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
      const found = await receipts.find(among, { ...ofWatermark, othersRead: 1, othersReadTo: 1 }).lean()
      return found.map(({ othersRead, othersReadTo, ...watermark }): KeptWatermark => ({
        ...watermark,
        atRead: othersReadOf({ ...(othersRead && { othersRead }), ...(othersReadTo && { othersReadTo }) }),
      }))
    },
    async noteOthersRead({ conversationId, userId, read, others }) {
      await receipts.collection.updateOne(
        { _id: receiptId({ conversationId, userId }) as never, read },
        { $set: { othersRead: others, othersReadTo: read } },
      )
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
