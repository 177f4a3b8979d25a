import mongoose, { type Connection, type Model } from 'mongoose'
import { type ChangeClock, type Clocks, createChangeClock } from './change-clock.ts'

interface ChangeClockDocument {
  readonly _id: string
  readonly position: number
}

const schema = new mongoose.Schema<ChangeClockDocument>(
  { _id: { type: String, required: true }, position: { type: Number, required: true } },
  { collection: 'change_clock', versionKey: false, id: false, strict: 'throw' },
)
const id = { _id: 'changes' } as const

export const changeClockModel = (connection: Connection): Model<ChangeClockDocument> =>
  connection.models['ChangeClock'] ?? connection.model<ChangeClockDocument>('ChangeClock', schema)

/**
 * Makes the clock where there is none yet: beyond all positions of releases that took them from the wall clock.
 * A replica of such a release may run beside, as long as its clock is right.
 * @param readNewest the highest of those positions
 */
export async function buildChangeClock(
  connection: Connection,
  readNewest: () => Promise<number>,
): Promise<void> {
  const clock = changeClockModel(connection)
  if ((await clock.exists(id)) !== null) return
  await raiseChangeClock(connection, 1 + Math.max(await readNewest(), Date.now()))
}

/** Puts the clock forward to a position, if it is not there yet, and says where it is. */
export async function raiseChangeClock(connection: Connection, position: number): Promise<number> {
  const after = await changeClockModel(connection)
    .findOneAndUpdate(id, { $max: { position } }, { upsert: true, returnDocument: 'after' })
    .lean()
  return after.position
}

/** One document, which each replica touches once a second at most, however many messages it writes. */
export function createMongoChangeClock(connection: Connection, clocks?: Clocks): ChangeClock {
  return createChangeClock((position) => raiseChangeClock(connection, position), clocks)
}
