import type { Person } from '@parley/contracts/users.ts'
import { isDuplicateKey } from '@parley/platform/mongo/duplicate-key.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import mongoose, { type Connection, type Model } from 'mongoose'
import { addPendingEvents, type Telling } from '../outbox/outbox.mongo.ts'
import { endOfPrefix, fullNameKey, nameKey } from './name-key.ts'
import type { SearchPosition, StoredUser, UserStore } from './user-store.ts'

const { trusted } = mongoose

export interface UserDocument extends Telling, Omit<StoredUser, 'id'> {
  readonly fullNameKey: string
  readonly lastNameKey: string
}

// Users were checked when they came in.
const schema = new mongoose.Schema<UserDocument>(
  {
    _id: String,
    email: String,
    firstName: String,
    lastName: String,
    passwordHash: String,
    createdAt: String,
    fullNameKey: String,
    lastNameKey: String,
  },
  { collection: 'users', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
schema.index({ email: 1 }, { unique: true })
schema.index({ fullNameKey: 1, _id: 1 })
schema.index({ lastNameKey: 1 })
addPendingEvents(schema)

export const userModel = (connection: Connection): Model<UserDocument> =>
  connection.models['User'] ?? connection.model<UserDocument>('User', schema)

export const toUserDocument = ({ id, ...user }: StoredUser): UserDocument => ({
  _id: id,
  ...user,
  fullNameKey: fullNameKey(user),
  lastNameKey: nameKey(user.lastName),
})

const ofStoredUser = { email: 1, firstName: 1, lastName: 1, passwordHash: 1, createdAt: 1 } as const
const toStoredUser = ({
  _id: id,
  ...user
}: Pick<UserDocument, '_id' | keyof typeof ofStoredUser>): StoredUser => ({ id, ...user })

const ofMatch = { firstName: 1, lastName: 1, fullNameKey: 1 } as const
type Match = Pick<UserDocument, '_id' | keyof typeof ofMatch>
const toPerson = ({ id, firstName, lastName }: Person): Person => ({ id, firstName, lastName })

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
    async search({ text, after, limit }) {
      const prefixed = trusted({ $gte: text, $lt: endOfPrefix(text) })
      const page = (match: object): Promise<Match[]> =>
        users
          .find({ ...match, ...(after && beyond(after)) })
          .select(ofMatch)
          .sort({ fullNameKey: 1, _id: 1 })
          .limit(limit)
          .lean<Match[]>()
          .exec()
      // One range of an index per way to match, so that a rare name never costs a walk over all users.
      const matches = await Promise.all([
        page({ fullNameKey: prefixed }),
        page({ lastNameKey: prefixed }),
        users.find({ email: text }, ofMatch).lean<Match[]>().exec(),
      ])
      const byId = new Map(matches.flat().map(({ _id: id, ...match }) => [id, { ...match, id }]))
      return [...byId.values()]
        .filter((match) => after === undefined || comparePositions(match, after) > 0)
        .toSorted(comparePositions)
        .slice(0, limit)
        .map(toPerson)
    },
    async isEmpty() {
      return (await users.findOne({}, { _id: 1 }).sort({ _id: 1 }).lean()) === null
    },
  }
}

/** The first condition bounds the range of an index, the second one leaves out namesakes that came before. */
const beyond = ({ fullNameKey, id }: SearchPosition) => ({
  $and: [
    { fullNameKey: trusted({ $gte: fullNameKey }) },
    { $or: [{ fullNameKey: trusted({ $gt: fullNameKey }) }, { _id: trusted({ $gt: id }) }] },
  ],
})

/** As the database orders them: by bytes. */
const comparePositions = (a: SearchPosition, b: SearchPosition): number =>
  Buffer.compare(Buffer.from(a.fullNameKey), Buffer.from(b.fullNameKey)) ||
  Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
