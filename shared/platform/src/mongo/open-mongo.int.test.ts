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
