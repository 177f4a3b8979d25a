import type { Connection } from 'mongoose'
import { entryModel } from '../timeline/timeline-store.mongo.ts'
import { bytesBesidesText } from './message-bytes.ts'
import { usageModel } from './usage-store.mongo.ts'

const text = { $cond: [{ $eq: [{ $type: '$body.text' }, 'string'] }, '$body.text', ''] }
/** What `messageBytes` says of an entry. */
export const bytesOfEntry = { $add: [bytesBesidesText, { $strLenBytes: text }] }

/**
 * Counts what users have stored where nobody has, as in a database of an earlier release. It can be broken off and run
 * again. What a replica of that release stores beside it, also afterwards, is not counted; drop the collection `usage`
 * while no chat runs, and the next migration counts all of it.
 */
export async function fillUsage(connection: Connection): Promise<void> {
  if ((await usageModel(connection).findOne({}, { _id: 1 }).lean()) === null) await countUsage(connection)
}

/** Counts anew what everybody has stored, in one pass. Nobody may be sending. */
export async function countUsage(connection: Connection): Promise<void> {
  await entryModel(connection).aggregate([
    { $group: { _id: '$senderId', bytes: { $sum: bytesOfEntry } } },
    // Takes the place of what was there at the end, and as a whole.
    { $out: usageModel(connection).collection.collectionName },
  ])
}
