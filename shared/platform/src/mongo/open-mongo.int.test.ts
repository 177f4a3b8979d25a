import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { type Line, openLine } from '@parley/testing/line.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import mongoose, { type Connection } from 'mongoose'
import { openMongo } from './open-mongo.ts'
import { unavailableWhenDown } from './unavailable-when-down.ts'

/** What of the driver's insides this test stops, as it was seen to stop by itself. */
interface Driver {
  readonly topology: { readonly s: { readonly servers: Map<string, { monitor: { close(): void } }> } }
}

describe('a connection to MongoDB', () => {
  let server: TestServer
  let line: Line
  const { logger, lines } = createRecordingLogger()
  beforeAll(async () => {
    server = await startMongo()
    line = await openLine(() => server.container.getMappedPort(27_017))
  }, 120_000)
  afterAll(async () => {
    await line?.close()
    await server?.stop()
  })

  const open = () => openMongo(`mongodb://127.0.0.1:${line.port}/open`, { logger })
  const messages = () => lines.filter(({ level }) => Number(level) >= 30).map(({ msg }) => msg)

  function stopTheDriversMonitor(connection: Connection): void {
    const { topology } = connection.getClient() as unknown as Driver
    for (const { monitor } of topology.s.servers.values()) monitor.close()
  }

  describe('refuses a filter with an undefined value, which would match what lacks the field', () => {
    type Thing = { owner?: string; name: string }
    let connection: Connection
    const modelOf = (of: Connection) =>
      of.model('Thing', new mongoose.Schema<Thing>({ owner: String, name: String }))
    let things: ReturnType<typeof modelOf>
    beforeAll(async () => {
      connection = await openMongo(`${server.url}/filters`, { logger })
      things = modelOf(connection)
      await things.insertMany([{ name: 'nobody’s' }, { name: 'alice’s', owner: 'alice' }])
    })
    afterAll(() => connection?.close())

    const missing = undefined as unknown as string
    const inList = mongoose.trusted({ $in: ['alice', missing] })
    const acts: [string, () => PromiseLike<unknown>][] = [
      ['deleteMany', () => things.deleteMany({ owner: missing })],
      ['deleteOne', () => things.deleteOne({ name: 'nobody’s', owner: missing })],
      ['a condition in $or', () => things.deleteMany({ $or: [{ name: 'other' }, { owner: missing }] })],
      ['an operator', () => things.deleteMany({ owner: inList })],
      ['updateOne', () => things.updateOne({ owner: missing }, { $set: { name: 'taken' } })],
      ['updateMany', () => things.updateMany({ owner: missing }, { $set: { name: 'taken' } })],
      ['findOneAndUpdate', () => things.findOneAndUpdate({ owner: missing }, { $set: { name: 'taken' } })],
      ['findOneAndDelete', () => things.findOneAndDelete({ owner: missing })],
      ['replaceOne', () => things.replaceOne({ owner: missing }, { name: 'taken' })],
      ['find', () => things.find({ owner: missing })],
      ['findOne', () => things.findOne({ owner: missing })],
      ['countDocuments', () => things.countDocuments({ owner: missing })],
      ['distinct', () => things.distinct('name', { owner: missing })],
      ['aggregate', () => things.aggregate([{ $match: { owner: missing } }])],
      ['bulkWrite', () => things.bulkWrite([{ deleteMany: { filter: { owner: missing } } }])],
      ['the driver’s own deleteMany', async () => things.collection.deleteMany({ owner: missing })],
      [
        'the driver’s own bulkWrite',
        async () =>
          things.collection.bulkWrite([
            { updateOne: { filter: { owner: missing }, update: { $set: { name: 'taken' } } } },
          ]),
      ],
    ]
    it.each(acts)('%s', async (_, act) => {
      await expect((async () => await act())()).rejects.toThrow('undefined')
      const names = (await things.find().sort({ name: 1 }).lean()).map(({ name }) => name)
      expect(names).toEqual(['alice’s', 'nobody’s'])
    })

    it('and takes one that says null', async () => {
      expect(await things.countDocuments({ owner: null })).toBe(1)
      expect(await things.findOne({ name: 'alice’s' }).lean()).toMatchObject({ owner: 'alice' })
    })
  })

  it('is opened anew, with its models, when the driver does not find the server again', async () => {
    const connection = await open()
    const things = connection.model('Thing', new mongoose.Schema({ name: String }))
    const store = unavailableWhenDown({ add: (name: string) => things.insertMany([{ name }]) })
    await store.add('before')
    stopTheDriversMonitor(connection)
    line.cut()
    await expect(store.add('meanwhile')).rejects.toMatchObject({ code: 'unavailable' })
    expect(connection.readyState).toBe(mongoose.ConnectionStates.disconnected)
    line.mend()

    await eventually(() => store.add('afterwards'), 45_000)
    expect(await things.countDocuments({ name: 'afterwards' })).toBe(1)
    expect(messages()).toEqual(['MongoDB is away', expect.stringContaining('connecting anew')])
    await connection.close()
    expect(messages()).toHaveLength(2)
  }, 90_000)
})
