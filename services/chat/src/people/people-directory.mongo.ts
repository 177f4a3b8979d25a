import type { Person } from '@parley/contracts/users.ts'
import mongoose, { type Connection, type Model } from 'mongoose'
import type { PeopleDirectory } from './people-directory.ts'

export type PersonDocument = Omit<Person, 'id'> & { readonly _id: string }

const schema = new mongoose.Schema<PersonDocument>(
  { _id: { type: String, required: true }, firstName: String, lastName: String },
  { collection: 'people', versionKey: false, minimize: false, id: false, strict: 'throw' },
)

export const personModel = (connection: Connection): Model<PersonDocument> =>
  connection.models['Person'] ?? connection.model<PersonDocument>('Person', schema)

export function createMongoPeopleDirectory(connection: Connection): PeopleDirectory {
  const people = personModel(connection)

  return {
    async put({ id, firstName, lastName }) {
      await people.updateOne({ _id: id }, { $set: { firstName, lastName } }, { upsert: true })
    },
    async findMany(ids) {
      const among = { _id: mongoose.trusted({ $in: [...ids] }) }
      const found = await people.find(among, { firstName: 1, lastName: 1 }).lean()
      return found.map(({ _id, firstName, lastName }) => ({ id: _id, firstName, lastName }))
    },
  }
}
