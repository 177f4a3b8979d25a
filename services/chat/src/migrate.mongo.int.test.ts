import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import type { Connection } from 'mongoose'
import { migrateChat } from './migrations.mongo.ts'
import { openMongoChatStores } from './stores.mongo.ts'

const run = promisify(execFile)

describe('the migration of chat', () => {
  const logger = createSilentLogger()
  let server: TestServer
  const open = (name: string): Promise<Connection> => openMongo(`${server.url}/${name}`, { logger })
  beforeAll(async () => {
    server = await startMongo()
  }, 120_000)
  afterAll(() => server?.stop())

  /** `collection.index`, with a mark on those that are unique. */
  async function indexesOf(connection: Connection): Promise<string[]> {
    const collections = (await connection.db!.collections()).map(async (collection) =>
      (await collection.indexes()).map(
        ({ name, unique }) => `${collection.collectionName}.${name}${unique === true ? ' unique' : ''}`,
      ),
    )
    return (await Promise.all(collections)).flat().toSorted()
  }

  it('builds the indexes, and changes nothing the second time', async () => {
    const connection = await open('indexes')
    const expected = [
      'change_clock._id_',
      'conversations._id_',
      'conversations.member-change',
      'entries._id_',
      'entries.client-id unique',
      'entries.pending',
      'entries.seq unique',
      'epoch._id_',
      'people._id_',
      'receipts._id_',
      'receipts.conversation',
      'receipts.pending',
    ]
    await migrateChat(connection, logger)
    expect(await indexesOf(connection)).toEqual(expected)

    const { logger: recording, lines } = createRecordingLogger()
    await migrateChat(connection, recording)
    expect(await indexesOf(connection)).toEqual(expected)
    expect(lines.map(({ collection, built }) => [collection, built])).toEqual([
      ['conversations', []],
      ['entries', []],
      ['receipts', []],
      ['people', []],
      ['change_clock', []],
      ['epoch', []],
    ])
    await connection.close()
  })

  it('is not done by opening the stores', async () => {
    const stores = await openMongoChatStores(`${server.url}/opened`, { logger })
    await stores.people.put({ id: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', firstName: 'Alice', lastName: 'A' })
    await stores.receipts.advance({ conversationId: 'a', userId: 'b', delivered: 1, read: 1 })
    await stores.close()
    const connection = await open('opened')
    expect(await indexesOf(connection)).toEqual(['people._id_', 'receipts._id_'])
    await connection.close()
  })

  it('runs as a process, any number of times', async () => {
    const env = { PATH: process.env['PATH'], MONGO_URL: `${server.url}/process` }
    for (const _ of ['first', 'second']) {
      const { stdout } = await run(process.execPath, ['services/chat/src/migrate.ts'], { env })
      expect(stdout).toContain('"collection":"entries"')
    }
    const connection = await open('process')
    expect(await indexesOf(connection)).toContain('entries.seq unique')
    await connection.close()
  })

  it('ends with 78 when its settings have faults', async () => {
    const env = { PATH: process.env['PATH'], MONGO_URL: 'localhost' }
    const failure = { code: 78, stderr: expect.stringContaining('MONGO_URL') as string }
    const running = run(process.execPath, ['services/chat/src/migrate.ts'], { env })
    await expect(running).rejects.toMatchObject(failure)
  })
})
