import { messageFromEntry } from '@parley/contracts/fold.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { type Failpoints, noFailpoints } from '@parley/platform/failpoints.ts'
import { isDuplicateKey } from '@parley/platform/mongo/duplicate-key.ts'
import mongoose, { type Connection, type Model } from 'mongoose'
import { countedKinds } from '../unread/counted-kinds.ts'
import type { AppendOutcome, ClientKey, TimelineStore } from './timeline-store.ts'

const { MongoBulkWriteError } = mongoose.mongo

/** An entry as it is stored. `pending` is there until the entry is known to be published. */
export type EntryDocument = Omit<TimelineEntry, 'id'> & { readonly _id: string; readonly pending?: true }

const text = { type: String, required: true }
const schema = new mongoose.Schema<EntryDocument>(
  {
    _id: text,
    conversationId: text,
    seq: { type: Number, required: true },
    kind: text,
    senderId: text,
    clientId: text,
    // ISO 8601 in UTC, which sorts as time does and is given back as it came.
    at: text,
    body: { type: mongoose.Schema.Types.Mixed, required: true },
    pending: Boolean,
  },
  { collection: 'entries', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
// `whatIsTaken` knows the unique ones by these names. Both begin with what a cluster would be sharded by.
schema.index({ conversationId: 1, seq: 1 }, { name: 'seq', unique: true })
schema.index({ conversationId: 1, senderId: 1, clientId: 1 }, { name: 'client-id', unique: true })
schema.index({ at: 1, seq: 1 }, { name: 'pending', partialFilterExpression: { pending: true } })

export const entryModel = (connection: Connection): Model<EntryDocument> =>
  connection.models['Entry'] ?? connection.model<EntryDocument>('Entry', schema)

const withoutPending = { pending: 0 } as const
const toEntry = ({ _id, ...entry }: EntryDocument): TimelineEntry => ({ id: _id, ...entry })
const messagesOf = (conversationId: string) => ({ conversationId, kind: 'message-created' }) as const
const toMessage = (document: EntryDocument) => messageFromEntry(toEntry(document))

/**
 * Timelines on MongoDB, without transactions: the unique indexes decide which of two writers was first.
 *
 * A head, and an entry that answers a replay, are read as the majority has them (`readConcern`). What only
 * one server has could be gone after a failover, and with it the entry that was numbered behind it or that
 * a client was told of.
 */
export function createMongoTimelineStore(
  connection: Connection,
  failpoints: Failpoints = noFailpoints,
): TimelineStore {
  const entries = entryModel(connection)

  /** Straight to the driver: the entries were checked when they came in. */
  const insertInOrder = (documents: readonly EntryDocument[]) =>
    entries.collection.insertMany(documents as never[], {
      ordered: true,
      writeConcern: { w: 'majority', journal: true },
    })

  /** For `mid-group` only: one by one, as the server itself stores the documents of an ordered insert. */
  async function insertInPieces(documents: readonly EntryDocument[]): Promise<void> {
    for (const [index, document] of documents.entries()) {
      if (index > 0) failpoints.hit('mid-group')
      await insertInOrder([document])
    }
  }

  async function head(conversationId: string): Promise<number> {
    const newest = await entries
      .findOne({ conversationId }, { _id: 0, seq: 1 })
      .sort({ seq: -1 })
      .readConcern('majority')
      .lean()
    return newest?.seq ?? 0
  }

  async function findOfSender(keys: readonly ClientKey[]): Promise<EntryDocument[]> {
    const { conversationId, senderId } = keys[0]!
    const clientId = mongoose.trusted({ $in: keys.map((key) => key.clientId) })
    return entries.find({ conversationId, senderId, clientId }, withoutPending).readConcern('majority').lean()
  }

  async function pendingIn(
    range: { $lt: string } | { $gt: string },
    limit: number,
  ): Promise<EntryDocument[]> {
    const due = { pending: true as const, at: mongoose.trusted(range) }
    // Said outright, since a planner may prefer to read everything when few marks are left.
    const marked = entries.find(due, withoutPending).hint('pending')
    return marked.sort({ at: 1, seq: 1 }).limit(limit).lean()
  }

  return {
    // Two round trips, and then the broker and the gateways are told: what comes together stays together up to them.
    appendPaceMs: 25,
    async append(batch) {
      const documents = batch.map(({ id, ...entry }) => ({ _id: id, ...entry, pending: true as const }))
      try {
        await (failpoints.has('mid-group') ? insertInPieces(documents) : insertInOrder(documents))
        return { inserted: batch.length }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    async heads(conversationIds) {
      // One short walk down an index each; a grouping query may read whole conversations instead.
      return new Map(await Promise.all(conversationIds.map(async (id) => [id, await head(id)] as const)))
    },
    async findByClientKeys(keys) {
      const ofSenders = Map.groupBy(keys, ({ conversationId, senderId }) => `${conversationId}/${senderId}`)
      // A query for each is a few points of an index; all in one `$or` may become a walk through everything.
      const found = await Promise.all([...ofSenders.values()].map(findOfSender))
      return found.flat().map(toEntry)
    },
    async after(conversationId, seq, limit) {
      const behind = { conversationId, seq: mongoose.trusted({ $gt: seq }) }
      return (await entries.find(behind, withoutPending).sort({ seq: 1 }).limit(limit).lean()).map(toEntry)
    },
    async findMessage(conversationId, messageId) {
      const found = await entries
        .findOne({ _id: messageId, ...messagesOf(conversationId) }, withoutPending)
        .lean()
      return found === null ? undefined : toMessage(found)
    },
    async messagesBefore(conversationId, seq = Number.MAX_SAFE_INTEGER, limit) {
      const before = { ...messagesOf(conversationId), seq: mongoose.trusted({ $lt: seq }) }
      return (await entries.find(before, withoutPending).sort({ seq: -1 }).limit(limit).lean()).map(toMessage)
    },
    async countBySender(conversationId, after, upTo) {
      const counts = await entries.aggregate<{ _id: string; count: number }>([
        { $match: { conversationId, seq: { $gt: after, $lte: upTo }, kind: { $in: [...countedKinds] } } },
        { $group: { _id: '$senderId', count: { $sum: 1 } } },
      ])
      return new Map(counts.map(({ _id, count }) => [_id, count]))
    },
    async pending(acceptedBefore, limit, orAfter) {
      const ranges = [{ $lt: acceptedBefore }, ...(orAfter === undefined ? [] : [{ $gt: orAfter }])]
      const found = await Promise.all(ranges.map((range) => pendingIn(range, limit)))
      return found.flat().slice(0, limit).map(toEntry)
    },
    async markPublished(entryIds) {
      // A mark that a failover loses costs one more publication, which consumers drop.
      await entries.updateMany(
        { _id: mongoose.trusted({ $in: [...entryIds] }) },
        { $unset: { pending: '' } },
        { writeConcern: { w: 1 } },
      )
    },
  }
}

/** What an ordered insert that failed has stored. Throws on what does not say so. */
function outcomeOf(error: unknown): AppendOutcome {
  if (!(error instanceof MongoBulkWriteError) || !isDuplicateKey(error)) throw error
  const [refusal] = [error.writeErrors].flat()
  // What came before the refusal counts only once a majority has it.
  if (refusal === undefined || error.result.getWriteConcernError() !== undefined) throw error
  return { inserted: refusal.index, refused: whatIsTaken(refusal.errmsg ?? '', error) }
}

/** Of errors within a batch the driver keeps the message only, which names the index before any value. */
function whatIsTaken(message: string, error: unknown): 'seq-taken' | 'client-id-taken' {
  const index = /index: (\S+)/.exec(message)?.[1]
  if (index === 'seq') return 'seq-taken'
  // An id is made for one entry: the entry is stored already, by an attempt whose answer was lost.
  if (index === 'client-id' || index === '_id_') return 'client-id-taken'
  throw error
}
