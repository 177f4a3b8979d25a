import { randomUUID } from 'node:crypto'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { ChatStores } from '../stores.ts'
import { directConversation } from '../conversations/direct-conversation.ts'
import { createUnread, mostUnread, mostUnreadInAll } from './unread.ts'

/** The total of unread messages is the same on every adapter. */
export function describeUnread(open: () => Promise<ChatStores>): void {
  describe('unread messages', () => {
    let stores: ChatStores
    beforeEach(async () => {
      stores = await open()
    })
    afterEach(async () => stores.close())

    const total = (userId: string, counted: ReadonlyMap<string, number> = new Map()) =>
      createUnread(stores).total(userId, counted)
    const unknown = { to: 0, others: 0 }

    /** A conversation of `userId` with another, in which the other one, and then `userId`, said so much. */
    async function begin(userId: string, byOther: number, byMe = 0): Promise<string> {
      const other = randomUUID()
      const conversation = directConversation(userId, other)
      await stores.conversations.create(conversation)
      const entries = Array.from({ length: byOther + byMe }, (_, index): TimelineEntry => ({
        id: randomUUID(),
        conversationId: conversation.id,
        seq: index + 1,
        kind: 'message-created',
        senderId: index < byOther ? other : userId,
        clientId: randomUUID(),
        at: '2026-01-01T00:00:00.000Z',
        body: { text: `message ${index + 1}` },
      }))
      await stores.timeline.append(entries)
      const head = entries.length
      await stores.conversations.advance([{ conversationId: conversation.id, head }])
      return conversation.id
    }
    const read = (userId: string, conversationId: string, seq: number) =>
      stores.receipts.advance({ conversationId, userId, delivered: seq, read: seq })

    it('counts what others said behind the read marks', async () => {
      const me = randomUUID()
      const conversationIds: string[] = []
      for (let index = 0; index < 111; index += 1) conversationIds.push(await begin(me, index % 5, 1))
      // 0 + 1 + 2 + 3 + 4 in each five of 110, and none in the last one.
      expect(await total(me)).toBe(220)

      await read(me, conversationIds[4]!, 3)
      await read(me, conversationIds[9]!, 5)
      expect(await total(me)).toBe(220 - 3 - 4)
      // What somebody else read is not what I read.
      await read(randomUUID(), conversationIds[14]!, 5)
      expect(await total(me)).toBe(213)
      expect(await total(randomUUID())).toBe(0)
    })

    it('follows the marks and heads', async () => {
      const me = randomUUID()
      const conversationId = await begin(me, 4, 1)
      expect(await total(me)).toBe(4)
      await read(me, conversationId, 3)
      expect(await total(me)).toBe(1)
      await read(me, conversationId, 5)
      expect(await total(me)).toBe(0)
    })

    it('takes what is counted already as it is', async () => {
      const me = randomUUID()
      const first = await begin(me, 3)
      await begin(me, 4)
      expect(await total(me, new Map([[first, 2]]))).toBe(6)
    })

    it('counts a conversation, and all together, up to a limit', async () => {
      const me = randomUUID()
      await begin(me, mostUnread + 5)
      expect(await total(me)).toBe(mostUnread)
      expect(await total(me, new Map([[randomUUID(), mostUnreadInAll]]))).toBe(mostUnreadInAll)
    })

    it('finds the conversations that a member is behind in, and how far', async () => {
      const me = randomUUID()
      const [unread, partly, whole] = [await begin(me, 2), await begin(me, 3), await begin(me, 1)]
      await stores.conversations.create(directConversation(me, randomUUID()))
      await read(me, partly, 2)
      await read(me, whole, 1)
      await read(randomUUID(), unread, 2)
      const behind = await stores.unread.behind(me, 10)
      expect(new Set(behind)).toEqual(
        new Set([
          { conversationId: unread, read: 0, head: 2, atHead: unknown, atRead: unknown },
          { conversationId: partly, read: 2, head: 3, atHead: unknown, atRead: unknown },
        ]),
      )
      expect(await stores.unread.behind(randomUUID(), 10)).toEqual([])
    })
  })
}
