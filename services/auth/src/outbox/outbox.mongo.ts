import type { Event } from '@parley/contracts/events.ts'
import type { Outbox } from '@parley/platform/events/outbox.ts'
import mongoose, { type Connection, type Model } from 'mongoose'

const { trusted } = mongoose

/**
 * A document that carries the events which tell of its changes, until they are published. So a change and its
 * event are one write, without a transaction.
 */
export interface Telling {
  readonly _id: string
  readonly pendingEvents?: readonly Event[]
}

const oldestFirst = { 'pendingEvents.time': 1, 'pendingEvents.id': 1 } as const

/** Adds what a collection needs whose documents carry events. Its indexes hold only those that do. */
export function addPendingEvents(schema: mongoose.Schema): void {
  // Events were checked when they were made, and go out as they came in.
  schema.add({ pendingEvents: { type: [mongoose.Schema.Types.Mixed], default: undefined } })
  schema.index(oldestFirst, { partialFilterExpression: { 'pendingEvents.time': { $exists: true } } })
  schema.index(
    { 'pendingEvents.id': 1 },
    { partialFilterExpression: { 'pendingEvents.id': { $exists: true } } },
  )
}

/** One event whose document is gone, or was never here; its id is the event's. */
const schema = new mongoose.Schema<Telling>(
  { _id: String },
  { collection: 'outbox', versionKey: false, minimize: false, id: false, strict: 'throw' },
)
addPendingEvents(schema)

export const outboxModel = (connection: Connection): Model<Telling> =>
  connection.models['OutboxEvent'] ?? connection.model<Telling>('OutboxEvent', schema)

export const toOutboxDocument = (event: Event) => ({ _id: event.id, pendingEvents: [event] })

/** A collection whose documents carry events. */
type Carrier = Pick<Model<Telling>, 'find' | 'updateMany'>

export interface MongoOutbox extends Outbox {
  /** Takes over what documents have to tell, before they are deleted. It may be published twice then. */
  takeOver(events: readonly Event[]): Promise<void>
}

/** @param carriers the collections whose documents carry events */
export function createMongoOutbox(
  connection: Connection,
  { carriers }: { carriers: readonly Carrier[] },
): MongoOutbox {
  const left = outboxModel(connection)

  async function oldest(model: Carrier, limit: number): Promise<Event[]> {
    // A sweep asks this every second; without the hint a plan may read a collection that is small now.
    const options = { sort: oldestFirst, hint: oldestFirst, limit }
    const documents = await model
      .find({ 'pendingEvents.time': trusted({ $exists: true }) }, { pendingEvents: 1 }, options)
      .lean()
    return documents.flatMap(({ pendingEvents }) => pendingEvents ?? [])
  }

  return {
    async pending(limit) {
      const found = await Promise.all([left, ...carriers].map((model) => oldest(model, limit)))
      // A crash between taking an event over and deleting its document leaves it in both.
      const byId = new Map(found.flat().map((event) => [event.id, event]))
      return [...byId.values()]
        .toSorted(byTime)
        .slice(0, limit)
        .map((event) => ({ key: event.id, event }))
    },
    async markPublished(keys) {
      const ids = trusted({ $in: [...keys] })
      const pull = { $pull: { pendingEvents: { id: { $in: keys } } } }
      await Promise.all([
        left.deleteMany({ _id: ids }),
        ...carriers.map((model) => model.updateMany({ 'pendingEvents.id': ids }, pull)),
      ])
    },
    async takeOver(events) {
      await left.bulkWrite(
        events.map(toOutboxDocument).map(({ _id, pendingEvents }) => ({
          updateOne: { filter: { _id }, update: { $setOnInsert: { pendingEvents } }, upsert: true },
        })),
      )
    },
  }
}

/** Times are all in UTC with milliseconds, so their texts sort as they do. */
const byTime = (a: Event, b: Event): number => {
  const [one, other] = [`${a.time} ${a.id}`, `${b.time} ${b.id}`]
  return one < other ? -1 : one > other ? 1 : 0
}
