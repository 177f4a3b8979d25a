import { randomUUID } from 'node:crypto'
import { listConversations, type ListConversationsResponse } from '@parley/contracts/conversations.ts'
import { advanceReceipt } from '@parley/contracts/receipts.ts'
import type { Person } from '@parley/contracts/users.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { startTestChat, type TestChat } from '../test-chat.ts'
import { directConversationId } from './direct-conversation.ts'

describe('the list of conversations', () => {
  const folder = createTemporaryFolder()
  let chat: TestChat
  beforeEach(async () => {
    chat = await startTestChat(folder.path)
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await chat.close()
  })
  afterAll(() => folder.remove())

  it('says what is unread without counting messages', async () => {
    const me = chat.register('Alice')
    const say = ({ id }: Person, to: Person, text: string) =>
      chat.chat.sendMessage(
        { userId: id, sessionId: randomUUID(), token: '', issuedAt: 0, expiresAt: Infinity },
        { to: to.id, text, clientId: randomUUID() },
      )
    const others = ['Bob', 'Carol', 'Dave'].map((name) => chat.register(name))
    for (let time = 0; time < 10; time += 1) {
      await Promise.all(others.map((other) => say(other, me, `message ${time}`)))
    }
    await say(me, others[0]!, 'mine')
    const read = async (other: Person, seq: number) =>
      chat.call(advanceReceipt, me, {
        params: { id: directConversationId(me.id, other.id) },
        body: { read: seq },
      })
    await read(others[1]!, 10)
    await read(others[2]!, 4)
    await say(others[1]!, me, 'one more')

    const asked = new Set<string>()
    const store = chat.stores.timeline as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const [name, ask] of Object.entries(store)) {
      if (typeof ask !== 'function') continue
      jest.spyOn(store, name).mockImplementation((...args) => {
        asked.add(name)
        return ask(...args)
      })
    }
    const { body } = await chat.call(listConversations, me)
    const { conversations, unreadTotal } = body as ListConversationsResponse
    const unreadOf = new Map(conversations.map(({ id, unread }) => [id, unread]))
    expect(others.map((other) => unreadOf.get(directConversationId(me.id, other.id)))).toEqual([10, 1, 6])
    expect(unreadTotal).toBe(17)
    // The relay may have something to do.
    const ofRelay = new Set(['pending', 'markPublished'])
    expect([...asked].filter((name) => !ofRelay.has(name))).toEqual(['messagesBefore'])
  })
})
