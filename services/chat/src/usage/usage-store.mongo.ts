import mongoose, { type Connection, type Model } from 'mongoose'
import type { UsageStore } from './usage-store.ts'

/** Its `_id` is the user. */
interface UsageDocument {
  readonly _id: string
  readonly bytes: number
}

const schema = new mongoose.Schema<UsageDocument>(
  { _id: { type: String, required: true }, bytes: { type: Number, required: true } },
  { collection: 'usage', versionKey: false, id: false, strict: 'throw' },
)

export const usageModel = (connection: Connection): Model<UsageDocument> =>
  connection.models['Usage'] ?? connection.model<UsageDocument>('Usage', schema)

export function createMongoUsageStore(connection: Connection): UsageStore {
  const usage = usageModel(connection)
  return {
    async bytesOf(userId) {
      return (await usage.findById(userId, { bytes: 1 }).lean())?.bytes ?? 0
    },
    async add(bytes) {
      const additions = [...bytes].map(([_id, more]) => ({
        updateOne: { filter: { _id }, update: { $inc: { bytes: more } }, upsert: true },
      }))
      // What a failover loses is as little as what a crash does.
      await usage.bulkWrite(additions, { ordered: false, writeConcern: { w: 1 } })
    },
  }
}
