import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { describeChangeClock } from './conversations/change-clock.contract.ts'
import { describeConversationStore } from './conversations/conversation-store.contract.ts'
import { directConversation } from './conversations/direct-conversation.ts'
import { describeEpochStore } from './epoch/epoch-store.contract.ts'
import { describePeopleDirectory } from './people/people-directory.contract.ts'
import { describeReceiptStore } from './receipts/receipt-store.contract.ts'
import { chatMigrations, createSqliteChatStores, openSqliteChatStores } from './stores.sqlite.ts'
import type { ChatStores } from './stores.ts'
import { describeTimelineWriter } from './timeline/timeline.contract.ts'
import { describeTimelineStore } from './timeline/timeline-store.contract.ts'
import { describeUnread } from './unread/unread.contract.ts'
import { describeUnreadLaw } from './unread/unread.law.ts'
import { describeUsage } from './usage/usage.contract.ts'

describe('chat stores on SQLite', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())

  let files = 0
  const open = async () => openSqliteChatStores(join(folder.path, `chat-${(files += 1)}.sqlite`))

  describeTimelineStore(open)
  describeTimelineWriter(open)
  describeConversationStore(open)
  describeReceiptStore(open)
  describeUnread(open)
  describeUnreadLaw(open, 40)
  describePeopleDirectory(open)
  const openTwo = async (): Promise<[ChatStores, ChatStores]> => {
    const file = join(folder.path, `replicas-${(files += 1)}.sqlite`)
    return [openSqliteChatStores(file), openSqliteChatStores(file)]
  }
  describeChangeClock(openTwo)
  describeEpochStore(openTwo)
  describeUsage(openTwo)

  it('finds its data again when the file is opened again', async () => {
    const file = join(folder.path, 'again.sqlite')
    const person = { id: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', firstName: 'Alice', lastName: 'Adams' }
    const first = openSqliteChatStores(file)
    await first.people.put(person)
    await first.close()

    const second = openSqliteChatStores(file)
    expect(await second.people.findMany([person.id])).toEqual([person])
    await second.close()
  })

  it('loses a row that is damaged, and not the page that it is on', async () => {
    const file = join(folder.path, 'damaged.sqlite')
    const database = openSqlite(file, chatMigrations)
    const stores = createSqliteChatStores(database, { file })
    const [alice, bob] = [randomUUID(), randomUUID()]
    const conversation = directConversation(alice, bob)
    await stores.conversations.create(conversation)
    const entries = [1, 2, 3].map((seq) => ({
      id: randomUUID(),
      conversationId: conversation.id,
      seq,
      kind: 'message-created' as const,
      senderId: alice,
      clientId: `client ${seq}`,
      at: '2026-01-01T00:00:00.000Z',
      body: { text: `text ${seq}` },
    }))
    await stores.timeline.append(entries)
    database.durable.exec(`UPDATE entries SET body = '{"text":"te' WHERE seq = 2`)
    database.durable.exec(`UPDATE conversations SET member_ids = '["'`)

    const found = await stores.timeline.after(conversation.id, 0, 10)
    expect(found.map(({ body }) => body.text)).toEqual(['text 1', '\uFFFD', 'text 3'])
    const messages = await stores.timeline.messagesBefore(conversation.id, undefined, 10)
    expect(messages.map(({ text }) => text)).toEqual(['text 3', '\uFFFD', 'text 1'])
    const listed = await stores.conversations.listFor(bob, { before: undefined, limit: 10 })
    expect(listed).toMatchObject([{ id: conversation.id, memberIds: conversation.memberIds }])
    await stores.close()
  })

  it('goes on with the file of an earlier release', async () => {
    const file = join(folder.path, 'earlier.sqlite')
    const earlier = openSqlite(file, chatMigrations.slice(0, 1))
    const insert = earlier.durable.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    const at = '2026-01-01T00:00:00.000Z'
    for (const seq of [2, 1, 3]) {
      const body = JSON.stringify({ text: `text ${seq}` })
      insert.run(
        'c',
        seq,
        `id ${seq}`,
        'message-created',
        'alice',
        `client ${seq}`,
        at,
        body,
        seq === 3 ? 1 : null,
      )
    }
    earlier.close()

    const stores = openSqliteChatStores(file)
    const entries = await stores.timeline.after('c', 0, 10)
    expect(entries.map(({ seq, body }) => [seq, body.text])).toEqual([
      [1, 'text 1'],
      [2, 'text 2'],
      [3, 'text 3'],
    ])
    expect(await stores.timeline.pending('2027', 10)).toEqual([entries[2]])
    await stores.close()
  })

  it('counts what is unread in the file of an earlier release, once', async () => {
    const file = join(folder.path, 'uncounted.sqlite')
    const earlier = openSqlite(file, chatMigrations.slice(0, 4))
    earlier.durable.exec(`
      INSERT INTO conversations VALUES ('c', 'direct', '["alice","bob"]', '2026-01-01T00:00:00.000Z', 7);
      INSERT INTO conversation_members VALUES ('c', 'alice', 1), ('c', 'bob', 1);
      INSERT INTO receipts VALUES ('c', 'alice', 6, 4, NULL), ('c', 'bob', 7, 7, NULL)`)
    const insert = earlier.durable.prepare(
      'INSERT INTO entries (conversation_id, seq, id, kind, sender_id, client_id, at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    const at = '2026-01-01T00:00:00.000Z'
    for (const [index, sender] of ['bob', 'alice', 'bob', 'bob', 'bob', 'alice', 'bob'].entries()) {
      const kind = index === 4 ? 'reaction-added' : 'message-created'
      insert.run('c', index + 1, `id ${index}`, kind, sender, `client ${index}`, at, '{"text":"said"}')
    }
    earlier.close()

    const stores = openSqliteChatStores(file)
    expect(await stores.unread.behind('alice', 10)).toEqual([
      { conversationId: 'c', read: 4, head: 7, atHead: { to: 7, others: 4 }, atRead: { to: 4, others: 3 } },
    ])
    const kept = await stores.receipts.findMany(['c'])
    expect(kept.map(({ userId, atRead }) => [userId, atRead])).toEqual([
      ['alice', { to: 4, others: 3 }],
      ['bob', { to: 7, others: 2 }],
    ])
    await stores.close()
  })

  it('counts what users have stored in the file of an earlier release, once', async () => {
    const file = join(folder.path, 'no-usage.sqlite')
    const earlier = openSqlite(file, chatMigrations.slice(0, 5))
    const insert = earlier.durable.prepare(
      `INSERT INTO entries (conversation_id, seq, id, kind, sender_id, client_id, at, body)
       VALUES (?, 1, ?, 'message-created', ?, 'client', '2026-01-01T00:00:00.000Z', ?)`,
    )
    const bodies = [
      '{"text":"hello"}',
      '{"text":"漢\\n\\"","replyTo":"some"}',
      '{"text":"dama',
      '{"textless":1}',
    ]
    for (const [index, body] of bodies.entries()) {
      insert.run(`c ${index}`, `id ${index}`, index === 0 ? 'bob' : 'alice', body)
    }
    earlier.close()

    for (const _ of ['the first start', 'another one']) {
      const stores = openSqliteChatStores(file)
      expect(await stores.usage.bytesOf('bob')).toBe(505)
      // Of what is damaged, as much as there is.
      expect(await stores.usage.bytesOf('alice')).toBe(505 + 513 + 500)
      expect(await stores.usage.bytesOf('carol')).toBe(0)
      await stores.close()
    }
  })

  it('goes on beyond the positions of a release that took them from a wall clock', async () => {
    const file = join(folder.path, 'wall-clock.sqlite')
    const earlier = openSqlite(file, chatMigrations.slice(0, 2))
    const changedAt = Date.now() + 3_600_000
    earlier.durable.exec(`
      INSERT INTO conversations VALUES ('c', 'direct', '[]', '2026-01-01T00:00:00.000Z', 1);
      INSERT INTO conversation_members VALUES ('c', 'alice', ${changedAt})`)
    earlier.close()
    const stores = openSqliteChatStores(file)
    await stores.conversations.advance([{ conversationId: 'c', head: 2 }])
    const [change] = await stores.conversations.changesFor('alice', {
      after: { changedAt: 0, conversationId: '' },
      limit: 1,
    })
    expect(change!.changedAt).toBeGreaterThan(changedAt)
    await stores.close()
  })
})
