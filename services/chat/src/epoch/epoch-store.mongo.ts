import { randomUUID } from 'node:crypto'
import { isDuplicateKey } from '@parley/platform/mongo/duplicate-key.ts'
import mongoose, { type Connection, type Model } from 'mongoose'
import type { EpochStore } from './epoch-store.ts'

interface EpochDocument {
  readonly _id: string
  readonly epoch: string
  readonly announced: boolean
}

const schema = new mongoose.Schema<EpochDocument>(
  {
    _id: { type: String, required: true },
    epoch: { type: String, required: true },
    announced: { type: Boolean, required: true },
  },
  { collection: 'epoch', versionKey: false, id: false, strict: 'throw' },
)
const id = 'chat'

export const epochModel = (connection: Connection): Model<EpochDocument> =>
  connection.models['Epoch'] ?? connection.model<EpochDocument>('Epoch', schema)

export function createMongoEpochStore(connection: Connection): EpochStore {
  const epochs = epochModel(connection)
  let known: string | undefined

  async function findOrMake(): Promise<string> {
    const found = await epochs.findById(id).lean()
    if (found !== null) return found.epoch
    try {
      const epoch = randomUUID()
      await epochs.insertOne({ _id: id, epoch, announced: false })
      return epoch
    } catch (error) {
      // Another replica has just made one.
      if (!isDuplicateKey(error)) throw error
      return findOrMake()
    }
  }

  return {
    current: async () => (known ??= await findOrMake()),
    async renew() {
      const epoch = randomUUID()
      await epochs.updateOne({ _id: id }, { $set: { epoch, announced: false } }, { upsert: true })
      return (known = epoch)
    },
    async isAnnounced() {
      return (await epochs.findById(id).lean())?.announced === true
    },
    async markAnnounced() {
      await epochs.updateOne({ _id: id }, { $set: { announced: true } })
    },
  }
}
