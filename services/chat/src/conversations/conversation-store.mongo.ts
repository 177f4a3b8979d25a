import type { Conversation } from '@parley/contracts/conversations.ts'
import { isDuplicateKey } from '@parley/platform/mongo/duplicate-key.ts'
import mongoose, { type Connection, type Model } from 'mongoose'
import { createMongoChangeClock } from './change-clock.mongo.ts'
import type { ChangeClock } from './change-clock.ts'
import type { OthersUpTo } from '../unread/others-up-to.ts'
import type {
  Change,
  ChangePosition,
  ConversationStore,
  Counts,
  ListedConversation,
} from './conversation-store.ts'

export type ConversationDocument = Omit<ListedConversation, 'id' | 'atHead'> & {
  readonly _id: string
  // Missing while nobody has counted.
  readonly counted?: number
  readonly countedTo?: number
  /** By sender. Where a group has thousands of them, their numbers belong to its members' own documents. */
  readonly countedOf?: Readonly<Record<string, number>>
}

const text = { type: String, required: true }
const number = { type: Number, required: true }
const schema = new mongoose.Schema<ConversationDocument>(
  {
    _id: text,
    kind: text,
    memberIds: [text],
    createdAt: text,
    head: number,
    changedAt: number,
    counted: Number,
    countedTo: Number,
    countedOf: mongoose.Schema.Types.Mixed,
  },
  { collection: 'conversations', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
// Has a conversation once for each member, and so answers "mine, by change".
schema.index({ memberIds: 1, changedAt: 1, _id: 1 }, { name: 'member-change' })

export const conversationModel = (connection: Connection): Model<ConversationDocument> =>
  connection.models['Conversation'] ?? connection.model<ConversationDocument>('Conversation', schema)

const ofConversation = { kind: 1, memberIds: 1, createdAt: 1 } as const
const ofListed = { ...ofConversation, head: 1, changedAt: 1 } as const
const ofChange = { head: 1, changedAt: 1 } as const

type Found = Pick<ConversationDocument, '_id' | keyof typeof ofConversation>
const toConversation = ({ _id, kind, memberIds, createdAt }: Found): Conversation => ({
  id: _id,
  kind,
  memberIds,
  createdAt,
})
const toListed = (userId: string, found: ConversationDocument): ListedConversation => ({
  ...toConversation(found),
  head: found.head,
  changedAt: found.changedAt,
  atHead: countsFor(userId, found),
})

export type CountedFields = Pick<ConversationDocument, 'counted' | 'countedTo' | 'countedOf'>
/** What `countsFor` needs of a document. */
export const ofCountsFor = (userId: string): Record<string, 1> => ({
  counted: 1,
  countedTo: 1,
  [`countedOf.${userId}`]: 1,
})
export const countsFor = (userId: string, { counted, countedTo, countedOf }: CountedFields): OthersUpTo => ({
  to: countedTo ?? 0,
  others: (counted ?? 0) - (countedOf?.[userId] ?? 0),
})
const toCounts = ({ counted, countedTo, countedOf }: CountedFields): Counts => ({
  to: countedTo ?? 0,
  all: counted ?? 0,
  of: new Map(Object.entries(countedOf ?? {})),
})

/** Each of them only grows, so the greatest is right, whoever comes last. Ids hold no dots. */
function asFields(counts: Counts | undefined): Record<string, number> {
  if (counts === undefined) return {}
  const fields: Record<string, number> = { counted: counts.all, countedTo: counts.to }
  for (const [senderId, count] of counts.of) fields[`countedOf.${senderId}`] = count
  return fields
}

const { trusted } = mongoose
const lastPosition: ChangePosition = { changedAt: Number.MAX_SAFE_INTEGER, conversationId: '' }
// The first condition is a range of the index, the second one leaves out its end.
const isBefore = ({ changedAt, conversationId }: ChangePosition) => ({
  changedAt: trusted({ $lte: changedAt }),
  $or: [{ changedAt: trusted({ $lt: changedAt }) }, { _id: trusted({ $lt: conversationId }) }],
})
const isAfter = ({ changedAt, conversationId }: ChangePosition) => ({
  changedAt: trusted({ $gte: changedAt }),
  $or: [{ changedAt: trusted({ $gt: changedAt }) }, { _id: trusted({ $gt: conversationId }) }],
})

/** One document per conversation: it is there as a whole or not at all. */
export function createMongoConversationStore(
  connection: Connection,
  clock: ChangeClock = createMongoChangeClock(connection),
): ConversationStore {
  const conversations = conversationModel(connection)

  async function advanceTo(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return
    // Straight to the driver, once per group of messages.
    await conversations.collection.bulkWrite(
      changes.map(({ conversationId, head, changedAt, counts }) => ({
        updateOne: {
          filter: { _id: conversationId as never },
          update: { $max: { head, changedAt, ...asFields(counts) } },
        },
      })),
      { ordered: false },
    )
  }

  return {
    async create({ id, kind, memberIds, createdAt }, given) {
      const changedAt = given ?? (await clock.stamp())
      const document = { _id: id, kind, memberIds, createdAt, head: 0, changedAt }
      try {
        await conversations.insertOne(document)
      } catch (error) {
        // It is there already.
        if (!isDuplicateKey(error)) throw error
      }
    },
    async find(id) {
      const found = await conversations.findById(id, ofConversation).lean()
      return found === null ? undefined : toConversation(found)
    },
    async findMany(ids) {
      const among = { _id: trusted({ $in: [...ids] }) }
      return (await conversations.find(among, ofConversation).lean()).map(toConversation)
    },
    async findFor(userId, id) {
      const ofFound = { ...ofListed, ...ofCountsFor(userId) }
      const found = await conversations.findOne({ _id: id, memberIds: userId }, ofFound).lean()
      return found === null ? undefined : toListed(userId, found)
    },
    async listFor(userId, { before = lastPosition, limit }) {
      const found = await conversations
        .find({ memberIds: userId, ...isBefore(before) }, { ...ofListed, ...ofCountsFor(userId) })
        .sort({ changedAt: -1, _id: -1 })
        .limit(limit)
        .lean()
      return found.map((each) => toListed(userId, each))
    },
    async changesFor(userId, { after, limit }) {
      const found = await conversations
        .find({ memberIds: userId, ...isAfter(after) }, ofChange)
        .sort({ changedAt: 1, _id: 1 })
        .limit(limit)
        .lean()
      return found.map(({ _id, head, changedAt }) => ({ conversationId: _id, head, changedAt }))
    },
    async advance(heads) {
      if (heads.length === 0) return
      await clock.write((changedAt) => advanceTo(heads.map((head) => ({ ...head, changedAt }))))
    },
    advanceTo,
    async countsOf(ids) {
      const among = { _id: trusted({ $in: [...ids] }) }
      const found = await conversations.find(among, { counted: 1, countedTo: 1, countedOf: 1 }).lean()
      return new Map(found.map(({ _id: id, ...counts }) => [id, toCounts(counts)]))
    },
    async putCounts(conversationId, counts) {
      await conversations.collection.updateOne({ _id: conversationId as never }, { $max: asFields(counts) })
    },
    now: () => clock.now(),
  }
}
