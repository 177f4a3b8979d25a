import mongoose, { type Connection, type Model } from 'mongoose'
import { addPendingEvents, type MongoOutbox, type Telling } from '../outbox/outbox.mongo.ts'
import { beginningOfId } from './session-id.ts'
import type { Session, SessionStore } from './session-store.ts'

const { trusted } = mongoose

export interface SessionDocument extends Telling, Omit<Session, 'id'> {}

const schema = new mongoose.Schema<SessionDocument>(
  {
    _id: String,
    userId: String,
    generation: Number,
    rotatedAt: Number,
    expiresAt: Number,
    endedAt: Number,
    exchangedBy: String,
    repeated: mongoose.Schema.Types.Mixed,
  },
  { collection: 'sessions', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
schema.index({ userId: 1, expiresAt: 1 })
schema.index({ expiresAt: 1 })
schema.index({ endedAt: 1, _id: 1 })
addPendingEvents(schema)

export const sessionModel = (connection: Connection): Model<SessionDocument> =>
  connection.models['Session'] ?? connection.model<SessionDocument>('Session', schema)

export const toSessionDocument = ({ id, ...session }: Session): SessionDocument => ({ _id: id, ...session })

const ofSession = {
  userId: 1,
  generation: 1,
  rotatedAt: 1,
  expiresAt: 1,
  endedAt: 1,
  exchangedBy: 1,
  repeated: 1,
} as const
const toSession = ({
  _id: id,
  ...session
}: Pick<SessionDocument, '_id' | keyof typeof ofSession>): Session => ({ id, ...session })

/** How many expired sessions with something to tell are dealt with at a time. */
const pageSize = 500

export function createMongoSessionStore(
  connection: Connection,
  outbox: Pick<MongoOutbox, 'takeOver'>,
): SessionStore {
  const sessions = sessionModel(connection)

  return {
    async insert(session) {
      await sessions.insertOne(toSessionDocument(session))
    },
    async find(id) {
      const found = await sessions.findById(id, ofSession).lean()
      return found === null ? undefined : toSession(found)
    },
    async findActive(userId, now, { skip, limit }) {
      const found = await sessions
        .find({ userId, expiresAt: trusted({ $gt: now }), endedAt: null }, ofSession)
        .sort({ expiresAt: -1 })
        .skip(skip)
        .limit(limit)
        .lean()
      return found.map(toSession)
    },
    async advance(id, from, to) {
      const { modifiedCount } = await sessions.updateOne(
        { _id: id, generation: from, endedAt: null },
        { $inc: { generation: 1 }, $set: to },
      )
      return modifiedCount === 1
    },
    async noteRepeated(id, repeated) {
      await sessions.updateOne(
        { _id: id, generation: repeated.generation, endedAt: null },
        { $set: { repeated } },
      )
    },
    async end(events) {
      const written = await Promise.all(
        events.map(async (event) => {
          const { modifiedCount } = await sessions.updateOne(
            { _id: event.data.sessionId, endedAt: null },
            { $set: { endedAt: Date.parse(event.time) }, $push: { pendingEvents: event } },
          )
          return modifiedCount === 1 ? [event] : []
        }),
      )
      return written.flat()
    },
    async endQuietly(id, at) {
      await sessions.updateOne({ _id: id, endedAt: null }, { $set: { endedAt: at } })
    },
    async endUsedQuietly(userId, { since, begunBefore }, at) {
      const used = {
        _id: trusted({ $lt: beginningOfId(begunBefore) }),
        expiresAt: trusted({ $gt: at }),
        rotatedAt: trusted({ $gt: since }),
      }
      await sessions.updateMany({ userId, ...used, endedAt: null }, { $set: { endedAt: at } })
    },
    async endedAfter({ endedAt, id }, limit) {
      const select = { userId: 1, endedAt: 1 }
      const find = (filter: object, most: number) =>
        sessions.find(filter, select).sort({ endedAt: 1, _id: 1 }).limit(most).lean()
      // Several may have ended in one millisecond. In two questions, each of which goes by the index.
      const same = await find({ endedAt, _id: trusted({ $gt: id }) }, limit)
      const later =
        same.length < limit ? await find({ endedAt: trusted({ $gt: endedAt }) }, limit - same.length) : []
      return [...same, ...later].map(({ _id: ended, userId, endedAt: at }) => ({
        id: ended,
        userId,
        endedAt: Number(at),
      }))
    },
    async endAll(at) {
      return (await sessions.updateMany({ endedAt: null }, { $set: { endedAt: at } })).modifiedCount
    },
    async removeExpired(before) {
      const expiresAt = trusted({ $lt: before })
      const untold = trusted({ $exists: true })
      await sessions.deleteMany({ expiresAt, 'pendingEvents.id': trusted({ $exists: false }) })
      // First the event into the outbox, then the session away: a crash in between tells it twice, at worst.
      for (;;) {
        const telling = await sessions
          .find({ expiresAt, 'pendingEvents.id': untold }, { pendingEvents: 1 })
          .limit(pageSize)
          .lean()
        if (telling.length === 0) return
        await outbox.takeOver(telling.flatMap(({ pendingEvents }) => pendingEvents ?? []))
        // Ended sessions change no more, so nothing new can have come to tell.
        await sessions.deleteMany({ _id: trusted({ $in: telling.map(({ _id: id }) => id) }) })
      }
    },
  }
}
