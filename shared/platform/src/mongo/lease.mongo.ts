import { randomUUID } from 'node:crypto'
import mongoose, { type Connection } from 'mongoose'
import type { Lease } from '../events/lease.ts'
import { isDuplicateKey } from './duplicate-key.ts'

const schema = new mongoose.Schema(
  { _id: String, holder: { type: String, required: true }, until: { type: Date, required: true } },
  { collection: 'leases', versionKey: false },
)

/**
 * A lease that the processes of one database share. Clocks of its holders may differ by less than the time
 * it lasts; it spares work, so nothing breaks when two hold it for a moment. One that would last longer than any lease
 * was taken by a process whose clock is wrong, or ours is: it counts for nothing, or who took it and died would keep
 * all others waiting until their clocks come to it.
 * @param name what it is about; one document has it as its id
 * @param lastsMs how long after `acquire` it lapses
 */
export function createMongoLease(
  connection: Connection,
  { name, lastsMs = 10_000 }: { name: string; lastsMs?: number },
): Lease {
  const leases = connection.models['Lease'] ?? connection.model('Lease', schema)
  const holder = randomUUID()

  return {
    async acquire() {
      const now = Date.now()
      const lapsed = mongoose.trusted({ $lt: new Date(now) })
      const fromTheFuture = mongoose.trusted({ $gt: new Date(now + 2 * lastsMs) })
      try {
        await leases.updateOne(
          { _id: name, $or: [{ holder }, { until: lapsed }, { until: fromTheFuture }] },
          { $set: { holder, until: new Date(now + lastsMs) } },
          { upsert: true },
        )
        return true
      } catch (error) {
        // Somebody else has it: the filter missed, and so the insert met the id.
        if (isDuplicateKey(error)) return false
        throw error
      }
    },
    async release() {
      // Best effort: without the database it lapses by itself.
      await leases.deleteOne({ _id: name, holder }).catch(() => undefined)
    },
  }
}
