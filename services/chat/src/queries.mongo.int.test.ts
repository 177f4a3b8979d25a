import { randomUUID } from 'node:crypto'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { explainQueries, monitored, settlePlans } from '@parley/testing/explain-queries.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import type { Connection } from 'mongoose'
import { directConversation } from './conversations/direct-conversation.ts'
import { migrateChat } from './migrations.mongo.ts'
import { createMongoChatStores } from './stores.mongo.ts'
import type { ChatStores } from './stores.ts'
import { entryModel } from './timeline/timeline-store.mongo.ts'

describe('the queries of chat on MongoDB', () => {
  const logger = createSilentLogger()
  let server: TestServer
  let connection: Connection
  let stores: ChatStores
  beforeAll(async () => {
    server = await startMongo()
    connection = await openMongo(monitored(`${server.url}/queries`), { logger })
    await migrateChat(connection, logger)
    stores = createMongoChatStores(connection)
    await fill()
    await settlePlans(server)
  }, 120_000)
  afterAll(async () => {
    await connection?.close()
    await server?.stop()
  })

  const conversations = Array.from({ length: 300 }, () => directConversation(randomUUID(), randomUUID()))
  const { id, memberIds, createdAt } = conversations[0]!
  const [alice, bob] = [memberIds[0]!, memberIds[1]!]
  const entries = conversations.flatMap((conversation) =>
    [1, 2, 3].map((seq): TimelineEntry => ({
      id: randomUUID(),
      conversationId: conversation.id,
      seq,
      kind: 'message-created',
      senderId: conversation.memberIds[0]!,
      clientId: randomUUID(),
      at: createdAt,
      body: { text: `message ${seq}` },
    })),
  )
  const marks = conversations.map((conversation) => ({
    conversationId: conversation.id,
    userId: conversation.memberIds[1]!,
    delivered: 2,
    read: 1,
  }))

  /** Hundreds of each, nearly all of them published, as in a database that lives. */
  async function fill(): Promise<void> {
    await Promise.all(conversations.map((conversation) => stores.conversations.create(conversation)))
    await stores.timeline.append(entries)
    await stores.timeline.markPublished(entries.slice(10).map((entry) => entry.id))
    await Promise.all(marks.map((mark) => stores.receipts.advance(mark)))
    await stores.receipts.markPublished(marks.slice(10))
    await Promise.all(
      conversations
        .flatMap((conversation) => conversation.memberIds)
        .map((userId) => stores.people.put({ id: userId, firstName: 'Some', lastName: 'Body' })),
    )
  }

  const position = { changedAt: Date.parse(createdAt), conversationId: id }
  const later = new Date(position.changedAt + 1).toISOString()
  const queries: Record<string, () => Promise<unknown>> = {
    'timeline.heads': () => stores.timeline.heads([id, conversations[1]!.id]),
    'timeline.findByClientKeys': () => stores.timeline.findByClientKeys(entries.slice(0, 9)),
    'timeline.after': () => stores.timeline.after(id, 1, 100),
    'timeline.findMessage': () => stores.timeline.findMessage(id, entries[0]!.id),
    'timeline.messagesBefore': () => stores.timeline.messagesBefore(id, 3, 100),
    'timeline.messagesBefore, the first page': () => stores.timeline.messagesBefore(id, undefined, 100),
    'timeline.countBySender': () => stores.timeline.countBySender(id, 1, 3),
    'timeline.pending': () => stores.timeline.pending(later, 100),
    'timeline.pending, and what is ahead': () => stores.timeline.pending(later, 100, later),
    'timeline.markPublished': () =>
      stores.timeline.markPublished(entries.slice(0, 5).map((entry) => entry.id)),
    'conversations.find': () => stores.conversations.find(id),
    'conversations.findMany': () => stores.conversations.findMany([id, conversations[1]!.id]),
    'conversations.findFor': () => stores.conversations.findFor(alice, id),
    'conversations.listFor': () => stores.conversations.listFor(alice, { before: position, limit: 100 }),
    'conversations.listFor, the first page': () =>
      stores.conversations.listFor(alice, { before: undefined, limit: 100 }),
    'conversations.changesFor': () => stores.conversations.changesFor(alice, { after: position, limit: 500 }),
    'conversations.advance': () => stores.conversations.advance([{ conversationId: id, head: 3 }]),
    'conversations.advanceTo': () => stores.conversations.advanceTo([{ ...position, head: 3 }]),
    'conversations.countsOf': () => stores.conversations.countsOf([id, conversations[1]!.id]),
    'conversations.putCounts': () =>
      stores.conversations.putCounts(id, { to: 3, all: 3, of: new Map([[alice, 3]]) }),
    'conversations.now': () => createMongoChatStores(connection).conversations.now(),
    'receipts.advance': () => stores.receipts.advance({ ...marks[0]!, read: 2 }),
    'receipts.findMany': () => stores.receipts.findMany([id, conversations[1]!.id]),
    'receipts.noteOthersRead': () => stores.receipts.noteOthersRead({ ...marks[0]!, others: 1 }),
    'receipts.pending': () => stores.receipts.pending(100),
    'receipts.markPublished': () => stores.receipts.markPublished(marks.slice(0, 2)),
    'unread.behind': () => stores.unread.behind(bob, 100),
    'usage.bytesOf': () => stores.usage.bytesOf(alice),
    'usage.add': () => stores.usage.add(new Map([[alice, 1]])),
    'epoch.current': () => createMongoChatStores(connection).epoch.current(),
    'epoch.renew': () => stores.epoch.renew(),
    'epoch.isAnnounced': () => stores.epoch.isAnnounced(),
    'epoch.markAnnounced': () => stores.epoch.markAnnounced(),
    'people.put': () => stores.people.put({ id: alice, firstName: 'Alice', lastName: 'A' }),
    'people.findMany': () => stores.people.findMany(memberIds),
  }

  it.each(Object.entries(queries))('%s goes by an index, and reads little', async (_name, run) => {
    for (const { query, usesIndex, examined } of await explainQueries(connection, run)) {
      expect({ query, usesIndex }).toEqual({ query, usesIndex: true })
      // Every collection has hundreds.
      expect(examined).toBeLessThan(50)
    }
  })

  it('are all of them', () => {
    // These are plain inserts, which look for nothing.
    const all = new Set(['timeline.append', 'conversations.create'])
    for (const name of Object.keys(queries)) all.add(name.split(',')[0]!)
    const { timeline, conversations, receipts, people, unread, usage, epoch } = stores
    const methods = Object.entries({
      timeline,
      conversations,
      receipts,
      people,
      unread,
      usage,
      epoch,
    }).flatMap(([name, store]) =>
      Object.entries(store).flatMap(([member, value]) =>
        typeof value === 'function' ? `${name}.${member}` : [],
      ),
    )
    expect([...all].toSorted()).toEqual(methods.toSorted())
  })

  it('would be noticed without an index', async () => {
    const withoutIndex = () => entryModel(connection).find({ kind: 'message-created' }).lean()
    const [{ usesIndex, examined } = {}] = await explainQueries(connection, async () => withoutIndex())
    expect(usesIndex === false || (examined ?? 0) >= 50).toBe(true)
  })
})
