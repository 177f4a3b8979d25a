import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import type { Connection } from 'mongoose'
import { migrateChat } from './migrations.mongo.ts'
import { createMongoChatStores, openMongoChatStores } from './stores.mongo.ts'
import { createUnread } from './unread/unread.ts'

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
      'usage._id_',
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
      ['usage', []],
    ])
    await connection.close()
  })

  it('counts what is unread in a database of the release before, which may go on beside', async () => {
    const connection = await open('uncounted')
    const [alice, bob] = ['alice', 'bob']
    const collection = (name: string) => connection.db!.collection<{ _id: string }>(name)
    const entry = (seq: number, senderId: string) => ({
      _id: `${seq}`,
      conversationId: 'c',
      seq,
      kind: 'message-created',
      senderId,
      clientId: `${seq}`,
      at: '2026-01-01T00:00:00.000Z',
      body: { text: 'said' },
    })
    const conversation = { kind: 'direct', memberIds: [alice, bob], createdAt: '2026-01-01T00:00:00.000Z' }
    await collection('conversations').insertMany([
      { _id: 'c', ...conversation, head: 4, changedAt: 1 },
      { _id: 'empty', ...conversation, head: 0, changedAt: 1 },
    ] as never[])
    await collection('entries').insertMany([entry(1, bob), entry(2, alice), entry(3, bob), entry(4, bob)])
    await collection('receipts').insertOne({
      _id: 'c/alice',
      conversationId: 'c',
      userId: alice,
      delivered: 4,
      read: 3,
    } as never)
    await migrateChat(connection, logger)

    const stores = createMongoChatStores(connection)
    const behind = { conversationId: 'c', read: 3, head: 4 }
    expect(await stores.unread.behind(alice, 10)).toEqual([
      { ...behind, atHead: { to: 4, others: 3 }, atRead: { to: 3, others: 2 } },
    ])
    // As a replica of the release before writes: it keeps what it does not know.
    await collection('entries').insertOne(entry(5, bob))
    await collection('conversations').updateOne({ _id: 'c' }, { $max: { head: 5, changedAt: 2 } })
    await migrateChat(connection, logger)
    expect(await stores.unread.behind(alice, 10)).toMatchObject([{ head: 5, atHead: { to: 4, others: 3 } }])
    expect(await createUnread(stores).total(alice, new Map())).toBe(2)
    expect(await stores.unread.behind(alice, 10)).toMatchObject([{ head: 5, atHead: { to: 5, others: 4 } }])
    await connection.close()
  })

  it('counts what users have stored in a database of the release before, once', async () => {
    const connection = await open('no-usage')
    const collection = (name: string) => connection.db!.collection<{ _id: string }>(name)
    const entry = (nth: number, senderId: string, body: object) => ({
      _id: `${nth}`,
      conversationId: `c ${nth}`,
      seq: 1,
      kind: 'message-created',
      senderId,
      clientId: 'client',
      at: '2026-01-01T00:00:00.000Z',
      body,
    })
    await collection('entries').insertMany([
      entry(1, 'bob', { text: 'hello' }),
      entry(2, 'alice', { text: '漢\n"', replyTo: 'some' }),
      entry(3, 'alice', { textless: 1 }),
    ])
    await migrateChat(connection, logger)
    const { usage } = createMongoChatStores(connection)
    const kept = () => Promise.all(['alice', 'bob', 'carol'].map((userId) => usage.bytesOf(userId)))
    expect(await kept()).toEqual([1_005, 505, 0])
    await usage.add(new Map([['carol', 7]]))
    await migrateChat(connection, logger)
    expect(await kept()).toEqual([1_005, 505, 7])
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
