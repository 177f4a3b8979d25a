import mongoose, { type Connection, type Model } from 'mongoose'
import { type ConversationDocument, conversationModel } from '../conversations/conversation-store.mongo.ts'
import { personModel } from '../people/people-directory.mongo.ts'
import { type ReceiptDocument, receiptModel } from '../receipts/receipt-store.mongo.ts'
import { type EntryDocument, entryModel } from '../timeline/timeline-store.mongo.ts'
import { countedKinds } from '../unread/counted-kinds.ts'
import { bytesOfEntry } from '../usage/fill-usage.mongo.ts'
import { usageModel } from '../usage/usage-store.mongo.ts'
import { type SenderCount, toCountedEntries } from './chat-reader.ts'
import type {
  ChatReader,
  EntryPlace,
  Mark,
  NewestEntry,
  StoredClientKey,
  StoredConversation,
  StoredEntry,
  StoredReceipt,
} from './chat-reader.ts'

const { trusted } = mongoose

const markOf = (pending: unknown): Mark =>
  pending === true ? 'pending' : pending === undefined ? 'published' : 'unreadable'

const toEntry = ({ _id, pending, ...entry }: EntryDocument): StoredEntry => ({
  id: _id,
  ...entry,
  mark: markOf(pending),
})
const toConversation = ({ _id, ...document }: ConversationDocument): StoredConversation => {
  const memberIds = (document.memberIds as string[] | undefined) ?? []
  // One index has the members and the time of change, so the lists cannot differ from the document.
  const { counted = 0, countedTo = 0, countedOf = {} } = document
  return { ...document, id: _id, memberIds, listedFor: memberIds, counted, countedTo, countedOf }
}
const toReceipt = ({ _id, pending, ...receipt }: ReceiptDocument): StoredReceipt => ({
  key: _id,
  othersRead: 0,
  othersReadTo: 0,
  ...receipt,
  mark: markOf(pending),
})

const ofPlace = { conversationId: 1, seq: 1, kind: 1 } as const
const ofClientKey = { conversationId: 1, senderId: 1, clientId: 1, seq: 1 } as const
const ofNewest = { _id: 0, conversationId: 1, seq: 1, at: 1, pending: 1 } as const

/** Reads the database of a chat service, which may be in use. */
export function createMongoChatReader(connection: Connection): ChatReader {
  const entries = entryModel(connection)
  const conversations = conversationModel(connection)
  const receipts = receiptModel(connection)
  const people = personModel(connection)
  const usage = usageModel(connection)

  async function newestOf(conversationId: string): Promise<NewestEntry[]> {
    const found = await entries.find({ conversationId }, ofNewest).sort({ seq: -1 }).limit(1).lean()
    return found.map(({ pending, ...newest }) => ({ ...newest, mark: markOf(pending) }))
  }

  return {
    async storageFaults() {
      const missing = [entries, conversations, receipts].map((model) => missingIndexes(model as never))
      return (await Promise.all(missing)).flat()
    },
    async counts() {
      const [ofEntries, ofConversations, ofReceipts, ofUsage] = await Promise.all([
        entries.estimatedDocumentCount(),
        conversations.estimatedDocumentCount(),
        receipts.estimatedDocumentCount(),
        usage.estimatedDocumentCount(),
      ])
      return { entries: ofEntries, conversations: ofConversations, receipts: ofReceipts, usage: ofUsage }
    },
    async entries(after, limit) {
      return (await pageBehind(entries, ['conversationId', 'seq'], after, limit)).map(toEntry)
    },
    async clientKeys(after, limit) {
      const keys = ['conversationId', 'senderId', 'clientId'] as const
      const page = await pageBehind(entries, keys, after, limit, ofClientKey)
      return page.map(({ _id, ...key }): StoredClientKey => ({ id: _id, ...key }))
    },
    async conversations(after, limit) {
      const behind = after && { _id: after.id }
      return (await pageBehind(conversations, ['_id'], behind, limit)).map(toConversation)
    },
    async receipts(after, limit) {
      const behind = after && { _id: after.key }
      return (await pageBehind(receipts, ['_id'], behind, limit)).map(toReceipt)
    },
    async usage(after, limit) {
      const behind = after && { _id: after.userId }
      const page = await pageBehind(usage, ['_id'], behind, limit)
      return page.map(({ _id, bytes }) => ({ userId: _id, bytes }))
    },
    async people(after, limit) {
      const behind = after === undefined ? undefined : { _id: after }
      return (await pageBehind(people, ['_id'], behind, limit, { _id: 1 })).map(({ _id }) => _id)
    },
    async entriesById(ids) {
      const found = await entries.find({ _id: trusted({ $in: [...ids] }) }, ofPlace).lean()
      return found.map(({ _id, ...place }): EntryPlace => ({ id: _id, ...place }))
    },
    async conversationsById(ids) {
      return (await conversations.find({ _id: trusted({ $in: [...ids] }) }).lean()).map(toConversation)
    },
    async receiptsByKey(keys) {
      return (await receipts.find({ _id: trusted({ $in: [...keys] }) }).lean()).map(toReceipt)
    },
    async newest(conversationIds) {
      return (await Promise.all(conversationIds.map(newestOf))).flat()
    },
    async countedEntries(conversationId, upTo) {
      const isCounted = { $cond: [{ $in: ['$kind', [...countedKinds]] }, 1, 0] }
      const senders = await entries.aggregate<Omit<SenderCount, 'senderId'> & { _id: string }>([
        { $match: { conversationId, seq: { $lte: upTo } } },
        {
          $group: {
            _id: '$senderId',
            entries: { $sum: 1 },
            last: { $max: '$seq' },
            counted: { $sum: isCounted },
          },
        },
      ])
      return toCountedEntries(senders.map(({ _id, ...counts }) => ({ senderId: _id, ...counts })))
    },
    async usageOf(userId) {
      const found = await usage.findById(userId).lean()
      return found === null ? undefined : { userId, bytes: found.bytes }
    },
    async storedBytes(userId) {
      const ofUser = await conversations.find({ memberIds: userId }, { _id: 1 }).lean()
      let bytes = 0
      for (let start = 0; start < ofUser.length; start += 1_000) {
        const ids = ofUser.slice(start, start + 1_000).map(({ _id }) => _id)
        const [sum] = await entries.aggregate<{ bytes: number }>([
          { $match: { conversationId: { $in: ids }, senderId: userId } },
          { $group: { _id: null, bytes: { $sum: bytesOfEntry } } },
        ])
        bytes += sum?.bytes ?? 0
      }
      return bytes
    },
    async knownPeople(ids) {
      const found = await people.find({ _id: trusted({ $in: [...ids] }) }, { _id: 1 }).lean()
      return new Set(found.map(({ _id }) => _id))
    },
  }
}

/**
 * The next documents in the order of some fields: those that differ from `after` in the last field only, then
 * in the last two, and so on. Each is one range of the index; one condition for all might read everything.
 */
async function pageBehind<D extends { readonly _id: string }>(
  model: Model<D>,
  fields: readonly string[],
  after: object | undefined,
  limit: number,
  projection: Readonly<Record<string, 1>> = {},
): Promise<D[]> {
  const sort = Object.fromEntries(fields.map((field) => [field, 1 as const]))
  const read = async (filter: object, most: number): Promise<D[]> =>
    (await model.find(filter as never, projection, { sort, limit: most }).lean()) as unknown as D[]
  if (after === undefined) return read({}, limit)

  const values = Object.entries(after)
  const page: D[] = []
  for (let equal = fields.length - 1; equal >= 0 && page.length < limit; equal -= 1) {
    const valueOf = (field: string): unknown => values.find(([name]) => name === field)?.[1]
    const same = fields.slice(0, equal).map((field) => [field, valueOf(field)])
    const greater = { [fields[equal]!]: trusted({ $gt: valueOf(fields[equal]!) }) }
    page.push(...(await read({ ...Object.fromEntries(same), ...greater }, limit - page.length)))
  }
  return page
}

/** The indexes that the schema declares and the database lacks, or has otherwise. */
async function missingIndexes(model: Model<object>): Promise<string[]> {
  const { collectionName } = model.collection
  const there = await model.listIndexes().catch(() => [])
  return model.schema.indexes().flatMap(([key, { name, unique = false }]) => {
    const found = there.find((index) => index['name'] === name)
    if (found === undefined) return [`index ${String(name)} of ${collectionName} is missing`]
    const isSame =
      JSON.stringify(found['key']) === JSON.stringify(key) && (found['unique'] ?? false) === unique
    return isSame ? [] : [`index ${String(name)} of ${collectionName} is not as chat makes it`]
  })
}
