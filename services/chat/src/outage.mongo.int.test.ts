import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { type Line, openLine } from '@parley/testing/line.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { directConversation } from './conversations/direct-conversation.ts'
import { migrateChat } from './migrations.mongo.ts'
import { createMongoChatStores } from './stores.mongo.ts'
import type { ChatStores } from './stores.ts'
import { createTimeline, type Timeline } from './timeline/timeline.ts'

const run = promisify(execFile)

describe('the stores of chat while MongoDB is away', () => {
  const logger = createSilentLogger()
  const conversation = directConversation(randomUUID(), randomUUID())
  const [senderId, userId] = [conversation.memberIds[0]!, conversation.memberIds[1]!]
  let server: TestServer
  let line: Line
  let stores: ChatStores
  let timeline: Timeline
  beforeAll(async () => {
    server = await startMongo()
    line = await openLine(() => server.container.getMappedPort(27_017))
    const connection = await openMongo(`mongodb://127.0.0.1:${line.port}/outage`, { logger })
    await migrateChat(connection, logger)
    stores = createMongoChatStores(connection)
    await stores.conversations.create(conversation)
    const { conversations, timeline: store } = stores
    timeline = createTimeline({ store, conversations, onCommitted: () => undefined, logger })
  }, 120_000)
  afterAll(async () => {
    await stores?.close()
    await line?.close()
    await server?.stop()
  })

  const draft = (clientId: string) => ({
    conversation,
    senderId,
    clientId,
    kind: 'message-created' as const,
    body: { text: `message ${clientId}` },
  })
  const change = { conversationId: conversation.id, head: 0 }
  const mark = { conversationId: conversation.id, userId, delivered: 1, read: 1 }

  /** Reads and writes of every store. */
  const ask = (): Promise<unknown>[] => [
    stores.timeline.heads([conversation.id]),
    stores.timeline.pending(new Date().toISOString(), 10),
    stores.timeline.markPublished([randomUUID()]),
    stores.conversations.find(conversation.id),
    stores.conversations.create(directConversation(randomUUID(), randomUUID())),
    stores.conversations.advance([change]),
    stores.receipts.findMany([conversation.id]),
    stores.receipts.advance(mark),
    stores.people.put({ id: userId, firstName: 'Bob', lastName: 'B' }),
  ]

  /** Everything is refused, sends too. */
  async function expectUnavailable(clientId: string): Promise<void> {
    const calls = [timeline.append(draft(clientId)), ...ask()]
    const pinging = expect(stores.ping()).rejects.toThrow(Error)
    const unavailable = expect.objectContaining({ code: 'unavailable' }) as Error
    const answers = await Promise.allSettled(calls)
    expect(answers).toEqual(calls.map(() => ({ status: 'rejected', reason: unavailable })))
    await pinging
  }

  /** A refused send is sent again, twice, and is there once. */
  async function expectAvailable(clientId: string): Promise<void> {
    await eventually(() => stores.ping(), 20_000)
    await Promise.all(ask())
    const sent = [await timeline.append(draft(clientId)), await timeline.append(draft(clientId))]
    expect(new Set(sent.map(({ entry }) => entry.id)).size).toBe(1)
    expect(sent[1]?.replayed).toBe(true)
    const entries = await stores.timeline.after(conversation.id, 0, 100)
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1))
    expect(entries.filter((entry) => entry.clientId === clientId)).toEqual([sent[0]?.entry])
  }

  it('say so when the server does not answer, and work again afterwards', async () => {
    await timeline.append(draft('before'))
    line.hold()
    await expectUnavailable('held')
    line.release()
    await expectAvailable('held')
  }, 120_000)

  it('say so when the server was killed, keep what they accepted, and work again afterwards', async () => {
    const { entry } = await timeline.append(draft('kept'))
    // Not by its own `stop`, after which it can be started but never removed.
    await run('docker', ['kill', server.container.getId()])
    await expectUnavailable('killed')
    await server.container.restart({ timeout: 0 })
    await expectAvailable('killed')
    expect(await stores.timeline.after(conversation.id, entry.seq - 1, 1)).toEqual([entry])
  }, 120_000)
})
