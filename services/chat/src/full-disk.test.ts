import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openSqlite, type SqliteDatabase } from '@parley/platform/sqlite.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { directConversation } from './conversations/direct-conversation.ts'
import { chatMigrations, createSqliteChatStores } from './stores.sqlite.ts'
import type { ChatStores } from './stores.ts'
import { createTimeline, type Timeline } from './timeline/timeline.ts'

describe('the chat stores on a disk that is full', () => {
  const folder = createTemporaryFolder()
  const conversation = directConversation(randomUUID(), randomUUID())
  const [senderId, userId] = [conversation.memberIds[0]!, conversation.memberIds[1]!]
  const { logger, lines } = createRecordingLogger()
  let database: SqliteDatabase
  let stores: ChatStores
  let timeline: Timeline
  beforeAll(async () => {
    const file = join(folder.path, 'chat.sqlite')
    database = openSqlite(file, chatMigrations)
    stores = createSqliteChatStores(database, { file, logger })
    await stores.conversations.create(conversation)
    const { conversations, timeline: store } = stores
    timeline = createTimeline({ store, conversations, onCommitted: () => undefined, logger })
  })
  afterAll(async () => {
    await stores?.close()
    folder.remove()
  })

  /** SQLite itself then says SQLITE_FULL, as it does where the disk has no room. */
  function letGrowBy(pages: number): void {
    // No room is left inside of the file either.
    database.durable.exec('VACUUM')
    for (const connection of [database.durable, database.relaxed]) {
      const now = Number(connection.prepare('PRAGMA page_count').get()?.['page_count'])
      connection.exec(`PRAGMA max_page_count = ${now + pages}`)
    }
  }
  const send = (clientId: string) =>
    timeline.append({
      conversation,
      senderId,
      clientId,
      kind: 'message-created',
      body: { text: `${clientId} `.repeat(1_000) },
    })
  const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code
  /** There may be room for a few more of its kind on the pages that it has. */
  async function untilRefused(write: () => Promise<unknown>): Promise<unknown> {
    try {
      for (;;) await write()
    } catch (error) {
      return codeOf(error)
    }
  }
  const entries = () => stores.timeline.after(conversation.id, 0, 100)

  it('refuse what they cannot keep, can be read, and go on when there is room: each message once', async () => {
    const kept = await send('kept')
    letGrowBy(0)

    const answers = await Promise.allSettled([send('one'), send('two'), send('one')])
    const codes = answers.map((answer) => answer.status === 'rejected' && codeOf(answer.reason))
    expect(codes).toEqual(['unavailable', 'unavailable', 'unavailable'])
    expect(await entries()).toEqual([kept.entry])
    const newConversation = () => stores.conversations.create(directConversation(randomUUID(), userId))
    const newPerson = () => stores.people.put({ id: randomUUID(), firstName: 'B'.repeat(50), lastName: 'B' })
    const newReceipt = () =>
      stores.receipts.advance({ conversationId: randomUUID(), userId, delivered: 1, read: 1 })
    for (const write of [newConversation, newPerson, newReceipt])
      expect(await untilRefused(write)).toBe('unavailable')
    expect(lines.filter(({ level }) => Number(level) >= 50)).toMatchObject([
      { msg: expect.stringContaining('the disk is full') },
    ])

    letGrowBy(1_000)
    const [two, one, again] = [await send('two'), await send('one'), await send('one')]
    expect([two.replayed, one.replayed, again.replayed]).toEqual([false, false, true])
    expect((await entries()).map(({ seq, clientId }) => [seq, clientId])).toEqual([
      [1, 'kept'],
      [2, 'two'],
      [3, 'one'],
    ])
  })
})
