import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { CopyError } from '@parley/platform/mongo/copy-table.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { startMongo, type TestServer } from '@parley/testing/containers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import mongoose, { type Connection } from 'mongoose'
import { directConversation } from './conversations/direct-conversation.ts'
import { copyChatToMongo } from './copy-to-mongo.ts'
import { migrateChat } from './migrations.mongo.ts'
import { createMongoChatStores } from './stores.mongo.ts'
import { openSqliteChatStores } from './stores.sqlite.ts'
import type { ChatStores } from './stores.ts'
import { entryModel } from './timeline/timeline-store.mongo.ts'
import { messageBytes } from './usage/message-bytes.ts'

describe('copying an embedded chat database to MongoDB', () => {
  const logger = createSilentLogger()
  const folder = createTemporaryFolder()
  const file = join(folder.path, 'chat.sqlite')
  let server: TestServer
  let connection: Connection
  /** With one socket, so that what is asked for first is done first. */
  let single: Connection
  beforeAll(async () => {
    server = await startMongo()
    await fill()
  }, 120_000)
  afterAll(async () => {
    folder.remove()
    await server?.stop()
  })
  beforeEach(async () => {
    const url = `${server.url}/copy-${randomUUID()}`
    connection = await openMongo(url, { logger })
    single = await mongoose.createConnection(`${url}?maxPoolSize=1`, { autoIndex: false }).asPromise()
    await migrateChat(connection, logger)
  })
  afterEach(async () => {
    await connection.dropDatabase()
    await connection.close()
    await single.close()
  })

  const conversations = Array.from({ length: 12 }, () => directConversation(randomUUID(), randomUUID()))
  const people = conversations
    .flatMap(({ memberIds }) => memberIds)
    .map((id, index) => ({ id, firstName: `Łucja ${index}`, lastName: 'שלום 👋' }))
  const entries = conversations.flatMap((conversation, nth) =>
    Array.from({ length: 10 }, (_, index): TimelineEntry => ({
      id: randomUUID(),
      conversationId: conversation.id,
      seq: index + 1,
      kind: 'message-created',
      senderId: conversation.memberIds[index % 2]!,
      clientId: `client ${index}`,
      at: new Date(Date.parse(conversation.createdAt) + nth * 100 + index).toISOString(),
      body: { text: `e\u0301 "${index}"\n👩‍👩‍👧‍👦`, ...(index > 0 && { replyTo: randomUUID() }) },
    })),
  )
  const marks = conversations.map(({ id, memberIds }) => ({
    conversationId: id,
    userId: memberIds[0]!,
    delivered: 9,
    read: 4,
  }))
  const later = new Date(Date.parse(conversations[0]!.createdAt) + 60_000).toISOString()

  const bytesOfSenders = new Map<string, number>()
  for (const { senderId, body } of entries) {
    bytesOfSenders.set(senderId, (bytesOfSenders.get(senderId) ?? 0) + messageBytes(body.text))
  }

  async function fill(): Promise<void> {
    const stores = openSqliteChatStores(file)
    for (const person of people) await stores.people.put(person)
    for (const conversation of conversations) await stores.conversations.create(conversation)
    await stores.timeline.append(entries)
    await stores.timeline.markPublished(entries.slice(7).map(({ id }) => id))
    const changedAt = Date.parse(later)
    await stores.conversations.advanceTo(
      conversations.map(({ id }, index) => ({ conversationId: id, head: 10, changedAt: changedAt + index })),
    )
    for (const { id, memberIds } of conversations) {
      const of = new Map(memberIds.map((userId) => [userId, 5]))
      await stores.conversations.putCounts(id, { to: 10, all: 10, of })
    }
    await stores.usage.add(bytesOfSenders)
    for (const mark of marks) await stores.receipts.advance(mark, 2)
    await stores.receipts.markPublished(marks.slice(3))
    await stores.close()
  }

  /** All that the stores tell of it. */
  async function contentOf({
    conversations: store,
    people: directory,
    timeline,
    receipts,
    usage,
  }: ChatStores) {
    return {
      people: new Set(await directory.findMany(people.map(({ id }) => id))),
      conversations: await Promise.all(
        conversations.map(({ memberIds }) => store.listFor(memberIds[0]!, { before: undefined, limit: 10 })),
      ),
      timelines: await Promise.all(conversations.map(({ id }) => timeline.after(id, 0, 100))),
      usage: await Promise.all(people.map(({ id }) => usage.bytesOf(id))),
      receipts: new Set(await receipts.findMany(conversations.map(({ id }) => id))),
      pendingEntries: new Set((await timeline.pending(later, 1_000)).map(({ id }) => id)),
      pendingReceipts: new Set(await receipts.pending(1_000)),
    }
  }

  async function expectAllThere(): Promise<void> {
    const source = openSqliteChatStores(file)
    const expected = await contentOf(source)
    await source.close()
    expect(expected.pendingEntries.size).toBe(7)
    expect(expected.pendingReceipts.size).toBe(3)
    const target = createMongoChatStores(connection)
    expect(await contentOf(target)).toEqual(expected)
    expect(await target.conversations.now()).toBeGreaterThan(Date.parse(later))
  }

  const counts = { people: 24, conversations: 12, entries: 120, receipts: 12 }

  it('brings everything over, and reports counts and equal checksums', async () => {
    const progress: [string, number][] = []
    const report = await copyChatToMongo({
      file,
      connection,
      pageSize: 50,
      onProgress: ({ collection, copied }) => progress.push([collection, copied]),
    })
    await expectAllThere()
    expect(report).toEqual(
      Object.entries(counts).map(([collection, count]) => {
        const sum = { count, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string }
        return { collection, copied: count, source: sum, target: sum }
      }),
    )
    expect(report.map(({ source }) => source)).toEqual(report.map(({ target }) => target))
    expect(progress.filter(([collection]) => collection === 'entries')).toEqual([
      ['entries', 50],
      ['entries', 100],
      ['entries', 120],
    ])
  })

  it('goes on where it was broken off, and changes nothing once all is there', async () => {
    const breakOff = new Error('broken off')
    const onProgress = ({ collection, copied }: { collection: string; copied: number }): void => {
      if (collection === 'entries' && copied >= 40) throw breakOff
    }
    await expect(copyChatToMongo({ file, connection, pageSize: 20, onProgress })).rejects.toBe(breakOff)
    expect(await entryModel(connection).countDocuments()).toBe(40)
    // As when it is killed within a page.
    await entryModel(connection).deleteMany({ clientId: 'client 3' })
    const left = await entryModel(connection).countDocuments()

    const copiedBy = async (): Promise<number[]> =>
      (await copyChatToMongo({ file, connection, pageSize: 20 })).map(({ copied }) => copied)
    expect(await copiedBy()).toEqual([0, 0, 120 - left, 12])
    await expectAllThere()
    expect(await copiedBy()).toEqual([0, 0, 0, 0])
    await expectAllThere()
  })

  it('names an entry that is there with other content, and leaves it alone', async () => {
    await copyChatToMongo({ file, connection })
    const { id } = entries[77]!
    await entryModel(connection).updateOne({ _id: id }, { 'body.text': 'planted' })
    const refusal = copyChatToMongo({ file, connection })
    await expect(refusal).rejects.toThrow(CopyError)
    await expect(refusal).rejects.toThrow(id)
    expect((await entryModel(connection).findById(id).lean())?.body.text).toBe('planted')
  })

  it('names an entry whose place in a timeline another one has', async () => {
    const other = { ...entries[0]!, id: randomUUID(), clientId: 'another' }
    await createMongoChatStores(connection).timeline.append([other])
    await expect(copyChatToMongo({ file, connection })).rejects.toThrow(`entries: ${entries[0]!.id}: another`)
    expect(await createMongoChatStores(connection).timeline.after(other.conversationId, 0, 1)).toEqual([
      other,
    ])
  })

  it('finds an entry that the file does not have', async () => {
    const other = { ...entries[0]!, id: randomUUID(), conversationId: randomUUID() }
    await createMongoChatStores(connection).timeline.append([other])
    await expect(copyChatToMongo({ file, connection })).rejects.toThrow(
      /^entries: the source has 120 .* the target 121/,
    )
  })

  const { id: chosen } = entries[50]!
  it.each([
    ['lost', (model: ReturnType<typeof entryModel>) => model.deleteOne({ _id: chosen })],
    ['changed', (model) => model.updateOne({ _id: chosen }, { 'body.text': 'planted' })],
    ['marked', (model) => model.updateOne({ _id: chosen }, { pending: true })],
  ])('finds an entry that was %s after it had been copied', async (_how, plant) => {
    // When the last page is reported, the verification is still to be asked for.
    let planted: Promise<unknown> | undefined
    const onProgress = ({ collection, copied }: { collection: string; copied: number }): void => {
      if (collection === 'entries' && copied === 120) planted = plant(entryModel(single)).exec()
    }
    await expect(copyChatToMongo({ file, connection: single, onProgress })).rejects.toThrow(
      /^entries: the source has 120 /,
    )
    await planted
  })

  it('takes no file of another version', async () => {
    const newer = join(folder.path, 'newer.sqlite')
    await openSqliteChatStores(newer).close()
    const database = new DatabaseSync(newer)
    database.exec('PRAGMA user_version = 1000')
    database.close()
    await expect(copyChatToMongo({ file: newer, connection })).rejects.toThrow(/version 1000/)
  })
})
