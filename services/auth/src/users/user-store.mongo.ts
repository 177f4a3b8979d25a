import { isDuplicateKey } from '@parley/platform/mongo/duplicate-key.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import mongoose, { type Connection, type Model } from 'mongoose'
import { addPendingEvents, type Telling } from '../outbox/outbox.mongo.ts'
import { toPerson } from './find-user.ts'
import { foldedNameOf } from './folded-name.ts'
import { gramsOfName } from './name-grams.ts'
import {
  type NamePosition,
  sampledHashes,
  startedBefore,
  type StoredUser,
  type UserStore,
} from './user-store.ts'

const { trusted } = mongoose

export interface UserDocument extends Telling, Omit<StoredUser, 'id'> {
  readonly foldedName: string
  readonly nameGrams: readonly string[]
  /** The release before 0.2 searches by these two, and may still run beside. To be left out by the one after. */
  readonly fullNameKey: string
  readonly lastNameKey: string
}

type Name = Pick<StoredUser, 'firstName' | 'lastName'>

// Users were checked when they came in.
const schema = new mongoose.Schema<UserDocument>(
  {
    _id: String,
    email: String,
    firstName: String,
    lastName: String,
    passwordHash: String,
    createdAt: String,
    sessionsEndedBefore: Number,
    foldedName: String,
    nameGrams: [String],
    fullNameKey: String,
    lastNameKey: String,
  },
  { collection: 'users', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
schema.index({ email: 1 }, { unique: true })
schema.index({ nameGrams: 1, foldedName: 1, _id: 1 })
addPendingEvents(schema)

export const userModel = (connection: Connection): Model<UserDocument> =>
  connection.models['User'] ?? connection.model<UserDocument>('User', schema)

export const toUserDocument = ({ id, ...user }: StoredUser): UserDocument => ({
  _id: id,
  ...user,
  ...toSearchedName(user),
  fullNameKey: oldKey(`${user.firstName} ${user.lastName}`),
  lastNameKey: oldKey(user.lastName),
})

function toSearchedName(name: Name): Pick<UserDocument, 'foldedName' | 'nameGrams'> {
  const foldedName = foldedNameOf(name)
  return { foldedName, nameGrams: gramsOfName(foldedName) }
}

const oldKey = (name: string): string => name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim()

/**
 * Makes those users findable by name whom the release before wrote, a few at a time. Beside that release there
 * may be new ones at any time; where there are none it is one look into an index.
 */
export async function fillSearchedNames(connection: Connection): Promise<void> {
  const users = userModel(connection)
  const pageSize = 500
  let found: ({ _id: string } & Name)[]
  do {
    found = await users.find({ nameGrams: null }, { firstName: 1, lastName: 1 }).limit(pageSize).lean().exec()
    if (found.length === 0) return
    await users.collection.bulkWrite(
      found.map(({ _id, ...name }) => ({
        updateOne: { filter: { _id: _id as never }, update: { $set: toSearchedName(name) } },
      })),
      { ordered: false },
    )
  } while (found.length === pageSize)
}

const ofStoredUser = {
  email: 1,
  firstName: 1,
  lastName: 1,
  passwordHash: 1,
  createdAt: 1,
  sessionsEndedBefore: 1,
} as const
const toStoredUser = ({
  _id: id,
  ...user
}: Pick<UserDocument, '_id' | keyof typeof ofStoredUser>): StoredUser => ({ id, ...user })

export function createMongoUserStore(connection: Connection): UserStore {
  const users = userModel(connection)

  return {
    async insert(user, event) {
      try {
        await users.insertOne({ ...toUserDocument(user), pendingEvents: [event] })
      } catch (error) {
        throw isDuplicateKey(error, 'email') ? new ParleyError('email-taken') : error
      }
    },
    async findById(id) {
      const found = await users.findById(id, ofStoredUser).lean()
      return found === null ? undefined : toStoredUser(found)
    },
    async findByEmail(email) {
      const found = await users.findOne({ email }, ofStoredUser).lean()
      return found === null ? undefined : toStoredUser(found)
    },
    async findByGrams({ grams, after, limit }) {
      if (after === undefined) await fillSearchedNames(connection)
      const found = await users
        .find({ nameGrams: trusted({ $all: grams }), ...(after && beyond(after)) })
        .select({ firstName: 1, lastName: 1 })
        .sort({ foldedName: 1, _id: 1 })
        .limit(limit)
        .lean()
      return found.map(({ _id: id, ...name }) => toPerson({ id, ...name }))
    },
    async isEmpty() {
      return (await users.findOne({}, { _id: 1 }).sort({ _id: 1 }).lean()) === null
    },
    async endSessions(id, event) {
      const mark = { $max: { sessionsEndedBefore: startedBefore(event) } }
      await users.updateOne({ _id: id }, { ...mark, $push: { pendingEvents: event } })
    },
    async replacePasswordHash(id, old, hash) {
      await users.updateOne({ _id: id, passwordHash: old }, { $set: { passwordHash: hash } })
    },
    async samplePasswordHashes() {
      const ends = await Promise.all(
        ([1, -1] as const).map((order) =>
          users.find({}, { passwordHash: 1 }).sort({ _id: order }).limit(sampledHashes).lean(),
        ),
      )
      return ends.flat().map(({ passwordHash }) => passwordHash)
    },
  }
}

/** The first condition bounds the range of an index, the second one leaves out namesakes that came before. */
const beyond = ({ foldedName, id }: NamePosition) => ({
  $and: [
    { foldedName: trusted({ $gte: foldedName }) },
    { $or: [{ foldedName: trusted({ $gt: foldedName }) }, { _id: trusted({ $gt: id }) }] },
  ],
})
