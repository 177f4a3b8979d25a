import { randomUUID } from 'node:crypto'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { describeChangeClock } from './conversations/change-clock.contract.ts'
import { describeConversationStore } from './conversations/conversation-store.contract.ts'
import { directConversation } from './conversations/direct-conversation.ts'
import { migrateChat } from './migrations.mongo.ts'
import { describeEpochStore } from './epoch/epoch-store.contract.ts'
import { describePeopleDirectory } from './people/people-directory.contract.ts'
import { describeReceiptStore } from './receipts/receipt-store.contract.ts'
import { createMongoChatStores, openMongoChatStores } from './stores.mongo.ts'
import type { ChatStores } from './stores.ts'
import { describeTimelineWriter } from './timeline/timeline.contract.ts'
import { createTimeline, type Timeline } from './timeline/timeline.ts'
import { describeTimelineStore } from './timeline/timeline-store.contract.ts'
import { describeUnread } from './unread/unread.contract.ts'
import { describeUnreadLaw } from './unread/unread.law.ts'
import { describeUsage } from './usage/usage.contract.ts'

// The law of the timeline is hundreds of rounds to a server that other suites keep busy too.
jest.setTimeout(120_000)

describe('chat stores on MongoDB', () => {
  const logger = createSilentLogger()
  let server: TestServer
  beforeAll(async () => {
    server = await startMongo()
  }, 120_000)
  const opened: ChatStores[] = []
  afterAll(async () => {
    await Promise.all(opened.map((stores) => stores.close()))
    await server?.stop()
  })

  async function open(): Promise<ChatStores> {
    const connection = await openMongo(`${server.url}/chat-${randomUUID()}`, { logger })
    await migrateChat(connection, logger)
    const stores = createMongoChatStores(connection)
    return {
      ...stores,
      async close() {
        await connection.dropDatabase()
        await stores.close()
      },
    }
  }

  describeTimelineStore(open)
  describeTimelineWriter(open)
  describeConversationStore(open)
  describeReceiptStore(open)
  describeUnread(open)
  describeUnreadLaw(open, 15)
  describePeopleDirectory(open)
  const openTwo = async (): Promise<[ChatStores, ChatStores]> => {
    const url = `${server.url}/clock-${randomUUID()}`
    const connection = await openMongo(url, { logger })
    await migrateChat(connection, logger)
    return [createMongoChatStores(connection), await openMongoChatStores(url, { logger })]
  }
  describeChangeClock(openTwo)
  describeEpochStore(openTwo)
  describeUsage(openTwo)

  it('says of an entry that is stored already that its client id is taken', async () => {
    const stores = await open()
    opened.push(stores)
    const entry: TimelineEntry = {
      id: randomUUID(),
      conversationId: randomUUID(),
      seq: 1,
      kind: 'message-created',
      senderId: randomUUID(),
      clientId: 'index: seq dup key',
      at: new Date().toISOString(),
      body: { text: 'once' },
    }
    const first = { ...entry, id: randomUUID(), conversationId: randomUUID() }
    await stores.timeline.append([entry])
    const outcome = { inserted: 1, refused: 'client-id-taken' }
    expect(await stores.timeline.append([first, entry])).toEqual(outcome)
    expect(await stores.timeline.append([{ ...first, seq: 2, id: randomUUID() }])).toEqual({
      ...outcome,
      inserted: 0,
    })
    // As by an attempt whose answer was lost: the head has moved on, and the id is the same.
    expect(await stores.timeline.append([{ ...entry, seq: 2 }])).toEqual({ ...outcome, inserted: 0 })
  })

  it('keeps timelines dense under two replicas, each with its own connection', async () => {
    const url = `${server.url}/replicas`
    const connection = await openMongo(url, { logger })
    const replicas = [createMongoChatStores(connection), await openMongoChatStores(url, { logger })]
    opened.push(...replicas)
    await migrateChat(connection, logger)
    const timelines = replicas.map(({ timeline: store, conversations }) =>
      createTimeline({ store, conversations, onCommitted: () => undefined, logger, groupSize: 20 }),
    )
    const conversations = Array.from({ length: 5 }, () => directConversation(randomUUID(), randomUUID()))
    await Promise.all(
      conversations.flatMap((each) => replicas.map((replica) => replica.conversations.create(each))),
    )

    // Every message goes to both replicas, in opposite orders, as a client sends again to another node.
    const texts = Array.from({ length: 60 }, (_, index) => `message ${index}`)
    const send = (timeline: Timeline, order: readonly string[]) =>
      order.flatMap((text) =>
        conversations.map((conversation) =>
          timeline.append({
            conversation,
            senderId: conversation.memberIds[0]!,
            clientId: text,
            kind: 'message-created',
            body: { text },
          }),
        ),
      )
    const appended = await Promise.all([
      ...send(timelines[0]!, texts),
      ...send(timelines[1]!, texts.toReversed()),
    ])

    expect(appended.filter(({ replayed }) => !replayed)).toHaveLength(texts.length * conversations.length)
    for (const { id, memberIds } of conversations) {
      const entries = await replicas[1]!.timeline.after(id, 0, 1_000)
      expect(entries.map(({ seq }) => seq)).toEqual(texts.map((_, index) => index + 1))
      expect(entries.map(({ clientId }) => clientId).toSorted()).toEqual(texts.toSorted())
      const told = appended.filter(({ entry }) => entry.conversationId === id)
      expect(told).toHaveLength(2 * texts.length)
      for (const { entry } of told) expect(entry).toEqual(entries[entry.seq - 1])
      expect(await replicas[0]!.conversations.findFor(memberIds[0]!, id)).toMatchObject({
        head: texts.length,
      })
    }
  })
})
