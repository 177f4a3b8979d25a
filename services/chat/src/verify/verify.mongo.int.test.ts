import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import type { Connection } from 'mongoose'
import { directConversation } from '../conversations/direct-conversation.ts'
import { migrateChat } from '../migrations.mongo.ts'
import { createMongoChatStores } from '../stores.mongo.ts'
import type { Finding } from './finding.ts'
import { openMongoChatData } from './open-chat-data.ts'
import { verifyChat } from './verify-chat.ts'
import { describeVerify, type PlantedChat } from './verify.contract.ts'

const execute = promisify(execFile)

// Thousands of rounds to a server that other suites keep busy too.
jest.setTimeout(120_000)

describe('the checker on MongoDB', () => {
  const logger = createSilentLogger()
  const folder = createTemporaryFolder()
  const connections: Connection[] = []
  let server: TestServer
  beforeAll(async () => {
    server = await startMongo()
  }, 120_000)
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()))
    await server?.stop()
    folder.remove()
  })

  async function connect(url: string): Promise<Connection> {
    const connection = await openMongo(url, { logger })
    connections.push(connection)
    await migrateChat(connection, logger)
    return connection
  }

  async function open(): Promise<PlantedChat> {
    const url = `${server.url}/chat-${randomUUID()}`
    const connection = await connect(url)
    const data = await openMongoChatData(url, { repair: true, logger })
    const collection = (name: string) => connection.db!.collection<{ _id: string }>(name)
    const entries = collection('entries')
    const conversations = collection('conversations')

    return {
      stores: createMongoChatStores(connection),
      data,
      takesEqualIds: false,
      plants: {
        async dropUnique() {
          await entries.dropIndex('seq')
          await entries.dropIndex('client-id')
        },
        async addEntry({ id, ...entry }) {
          await entries.insertOne({ _id: id, ...entry })
        },
        async changeEntry(id, to) {
          await entries.updateOne({ _id: id }, { $set: to })
        },
        async breakMark(id) {
          await entries.updateOne({ _id: id }, { $set: { pending: false } })
        },
        async removeEntry(id) {
          await entries.deleteOne({ _id: id })
        },
        async fold(id, to) {
          await conversations.updateOne({ _id: id }, { $set: to })
        },
        async countOf(id, userId, counted) {
          await conversations.updateOne({ _id: id }, { $set: { [`countedOf.${userId}`]: counted } })
        },
        async setMembers(id, memberIds) {
          await conversations.updateOne({ _id: id }, { $set: { memberIds } })
        },
        async removeConversation(id) {
          await conversations.deleteOne({ _id: id })
        },
        async removePerson(id) {
          await collection('people').deleteOne({ _id: id })
        },
      },
      async close() {
        await data.close()
        await connection.dropDatabase()
        await connection.close()
      },
    }
  }

  describeVerify(open)

  it('names the indexes that are missing, and those that are not as they should be', async () => {
    const url = `${server.url}/chat-${randomUUID()}`
    const connection = await connect(url)
    const entries = connection.db!.collection('entries')
    await entries.dropIndex('client-id')
    await entries.dropIndex('seq')
    await entries.createIndex({ conversationId: 1, seq: 1 }, { name: 'seq' })

    const data = await openMongoChatData(url, { repair: false, logger })
    const found: string[] = []
    const onFinding = ({ found: what }: { found: string }): void => void found.push(what)
    await verifyChat({ reader: data.reader, pendingMs: 0, onFinding })
    expect(found.toSorted()).toEqual([
      'index client-id of entries is missing',
      'index seq of entries is not as chat makes it',
    ])
    await data.close()
  })

  it('runs as a process, with the address in a variable or in a file', async () => {
    const url = `${server.url}/chat-${randomUUID()}`
    const connection = await connect(url)
    const [userId, conversationId] = [randomUUID(), randomUUID()]
    const receipt = { _id: `${conversationId}/${userId}`, conversationId, userId, delivered: '1', read: 2 }
    const conversation = directConversation(userId, randomUUID())
    const { id, ...others } = conversation
    const receipts = connection.db!.collection<{ _id: string }>('receipts')
    await receipts.insertOne({ ...receipt, _id: `${id}/${userId}`, conversationId: id } as never)
    const conversations = connection.db!.collection<{ _id: string }>('conversations')
    await conversations.insertOne({ _id: id, ...others, head: '1', changedAt: Date.now() } as never)

    const file = join(folder.path, 'mongo-url')
    writeFileSync(file, url)
    const run = async (env: object, ...args: string[]): Promise<string[]> => {
      const options = { env: { PATH: process.env['PATH'], ...env } }
      const line = ['services/chat/src/verify.ts', '--json', ...args]
      const ended = await execute(process.execPath, line, options).catch((error: unknown) => error)
      const { code = 0, stdout } = ended as { code?: number; stdout: string }
      const lines = stdout.trim().split('\n').slice(0, -1)
      const found = lines.map((line) => (JSON.parse(line) as { finding: Finding }).finding)
      return [String(code), ...found.map((each) => `${each.code}: ${each.found}`)]
    }
    // What no store would have written.
    const ahead = 'head-ahead: head 1, and a last entry with seq 0'
    const beyond = 'receipt-out-of-bounds: read 2, delivered 1, head'
    expect(await run({ MONGO_URL: url })).toEqual(['1', ahead, `${beyond} 1`])
    expect(await run({ MONGO_URL_FILE: file }, '--repair')).toEqual(['0', ahead, `${beyond} 0`])
    await receipts.updateMany({}, { $unset: { pending: '' } })
    expect(await run({ MONGO_URL_FILE: file })).toEqual(['0'])
  })
})
