import { randomUUID } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTimelineOutbox } from '../outbox/timeline-outbox.ts'
import type { ChatStores } from '../stores.ts'
import { createTimeline } from '../timeline/timeline.ts'
import { createConversationAccess } from './conversation-access.ts'
import { directConversation } from './direct-conversation.ts'
import { createGetHeads } from './get-heads.ts'

const hour = 3_600_000

/** What comparing heads promises while wall clocks are wrong, on every adapter. */
export function describeChangeClock(openTwo: () => Promise<[ChatStores, ChatStores]>): void {
  describe('comparing heads under wrong clocks', () => {
    let replicas: ReturnType<typeof replicaOf>[]
    let close: () => Promise<unknown>
    let offset = 0

    beforeEach(async () => {
      offset = 0
      const now = Date.now
      jest.spyOn(Date, 'now').mockImplementation(() => now() + offset)
      const stores = await openTwo()
      replicas = stores.map(replicaOf)
      close = () => Promise.all(stores.map((each) => each.close()))
    })
    afterEach(async () => {
      jest.restoreAllMocks()
      await close()
    })

    const me = randomUUID()
    const replicaOf = (stores: ChatStores) => ({
      stores,
      getHeads: createGetHeads({ conversations: stores.conversations }),
      timeline: createTimeline({
        store: stores.timeline,
        conversations: stores.conversations,
        onCommitted: () => undefined,
        logger: createSilentLogger(),
      }),
    })
    /** What happens there happens while that replica's clock is off by so much. */
    const at = (replica: number, off: number) => {
      offset = off
      return replicas[replica]!
    }
    const say = ({ timeline }: ReturnType<typeof at>, conversation: Conversation) =>
      timeline.append({
        conversation,
        senderId: me,
        clientId: randomUUID(),
        kind: 'message-created',
        body: { text: 'said' },
      })
    /** A conversation in which nothing has changed for long. */
    async function begin({ stores }: ReturnType<typeof at>): Promise<Conversation> {
      const createdAt = '2026-01-01T00:00:00.000Z'
      const conversation = { ...directConversation(me, randomUUID()), createdAt }
      await stores.conversations.create(conversation, Date.parse(createdAt))
      return conversation
    }

    it.each([
      ['set back by an hour', 0, -hour],
      ['an hour ahead and then right', hour, 0],
    ])('tells of what was said after the clock was %s', async (_, before, after) => {
      const conversation = await begin(at(0, before))
      const { cursor } = await at(0, before).getHeads(me, undefined)
      await say(at(0, after), conversation)
      const { heads } = await at(0, after).getHeads(me, cursor)
      expect(heads).toEqual([{ conversationId: conversation.id, head: 1 }])
    })

    it('tells of what a replica accepted whose clock is a minute behind, or an hour', async () => {
      for (const behind of [60_000, hour]) {
        const conversation = await begin(at(1, 0))
        const { cursor } = await at(1, 0).getHeads(me, undefined)
        await say(at(0, -behind), conversation)
        const { heads } = await at(1, 0).getHeads(me, cursor)
        expect(heads).toContainEqual({ conversationId: conversation.id, head: 1 })
      }
    })

    it('compares everything from a cursor that is ahead of it, and gives one that is not', async () => {
      const conversation = await begin(at(0, 0))
      await say(at(0, 0), conversation)
      const later = Date.now() + hour
      for (const place of [
        [later, ''],
        [1, '', later],
      ]) {
        const cursor = Buffer.from(JSON.stringify(place)).toString('base64url')
        const first = await at(0, 0).getHeads(me, cursor)
        expect(first.heads).toContainEqual({ conversationId: conversation.id, head: 1 })
        const next = await begin(at(0, 0))
        await say(at(0, 0), next)
        const second = await at(0, 0).getHeads(me, first.cursor)
        expect(second.heads).toContainEqual({ conversationId: next.id, head: 1 })
      }
    })

    it('publishes what was accepted under a clock an hour ahead', async () => {
      const { stores } = at(0, 0)
      const conversation = await begin(at(0, 0))
      const { entry } = await say(at(0, 0), conversation)
      const id = randomUUID()
      const later = new Date(Date.now() + hour).toISOString()
      await stores.timeline.append([{ ...entry, id, seq: 2, clientId: 'ahead', at: later }])
      const outbox = createTimelineOutbox({
        timeline: stores.timeline,
        conversations: stores.conversations,
        access: createConversationAccess({ conversations: stores.conversations }),
        afterMs: 5_000,
        logger: createSilentLogger(),
      })
      // The other one is young, and so is being published.
      expect((await outbox.pending(10)).map(({ key }) => key)).toEqual([id])
    })
  })
}
