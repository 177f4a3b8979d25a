import { randomUUID } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import * as fc from 'fast-check'
import { createConversationAccess } from '../conversations/conversation-access.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { createAdvanceReceipt } from '../receipts/advance-receipt.ts'
import type { ChatStores } from '../stores.ts'
import { headsOf } from '../timeline/heads-of.ts'
import { createTimeline } from '../timeline/timeline.ts'
import { createUnread } from './unread.ts'

/** Who does it: a member, or a replica. */
const one = fc.nat({ max: 2 })
const replica = fc.nat({ max: 1 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const kind = fc.constantFrom('message-created', 'message-created', 'reaction-added')
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('say' as const), one, replica, kind }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('read' as const), one, share }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('ask' as const), one }) },
  // A replica of the release before writes no counts.
  { weight: 2, arbitrary: fc.record({ does: fc.constant('say, as before' as const), one, kind }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('read, as before' as const), one, share }) },
  // A replica stores an entry, and cannot tell the conversation.
  { weight: 1, arbitrary: fc.record({ does: fc.constant('lose' as const), replica }) },
)

const caller = (userId: string) => ({ userId, sessionId: '', token: '', issuedAt: 0, expiresAt: Infinity })

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Kept numbers say what counting says, whoever wrote what in which order, on every adapter. */
export function describeUnreadLaw(open: () => Promise<ChatStores>, numRuns: number): void {
  describe('unread messages by kept numbers', () => {
    let stores: ChatStores
    beforeEach(async () => {
      stores = await open()
    })
    afterEach(async () => stores.close())

    async function liveThrough(steps: readonly Step[]) {
      const memberIds = [randomUUID(), randomUUID(), randomUUID()]
      const conversation: Conversation = {
        id: randomUUID(),
        kind: 'direct',
        memberIds,
        createdAt: '2026-01-01T00:00:00.000Z',
      }
      const { id } = conversation
      await stores.conversations.create(conversation)
      const reads = [0, 0, 0]
      const loses = [false, false]
      const timelines = [0, 1].map((index) => {
        const conversations: ConversationStore = {
          ...stores.conversations,
          async advance(heads) {
            if (loses[index]) throw new Error('could not be told')
            await stores.conversations.advance(heads)
          },
        }
        return createTimeline({
          store: stores.timeline,
          conversations,
          onCommitted: () => undefined,
          logger: createSilentLogger(),
        })
      })
      const advanceReceipt = createAdvanceReceipt({
        ...stores,
        access: createConversationAccess(stores),
        limits: { countRead: () => undefined },
        onAdvanced: () => undefined,
      })
      const headOf = async () => (await stores.timeline.heads([id])).get(id)!

      /** By counting, as far as the conversation was told. */
      async function expectUnread(which: number): Promise<void> {
        const userId = memberIds[which]!
        const told = (await stores.conversations.findFor(userId, id))!.head
        const entries = await stores.timeline.after(id, 0, 1_000)
        const unread = entries.filter(
          ({ seq, senderId, kind: of }) =>
            of === 'message-created' && senderId !== userId && seq > reads[which]! && seq <= told,
        )
        expect(await createUnread(stores).total(userId, new Map())).toBe(unread.length)
      }

      for (const does of steps) {
        if (does.does === 'ask') await expectUnread(does.one)
        else if (does.does === 'lose') loses[does.replica] = !loses[does.replica]
        else if (does.does === 'say') {
          await timelines[does.replica]!.append({
            conversation,
            senderId: memberIds[does.one]!,
            clientId: randomUUID(),
            kind: does.kind as TimelineEntry['kind'],
            body: { text: 'said' },
          })
        } else if (does.does === 'say, as before') {
          const entry: TimelineEntry = {
            id: randomUUID(),
            conversationId: id,
            seq: (await headOf()) + 1,
            kind: does.kind as TimelineEntry['kind'],
            senderId: memberIds[does.one]!,
            clientId: randomUUID(),
            at: conversation.createdAt,
            body: { text: 'said' },
          }
          await stores.timeline.append([entry])
          await stores.conversations.advance(headsOf([entry]))
        } else {
          const read = Math.round(does.share * (await headOf()))
          const userId = memberIds[does.one]!
          if (read === 0) continue
          reads[does.one] = Math.max(reads[does.one]!, read)
          if (does.does === 'read') await advanceReceipt(caller(userId), id, { read })
          else await stores.receipts.advance({ conversationId: id, userId, delivered: read, read })
        }
      }
      // As the sweep does.
      await stores.conversations.advance([{ conversationId: id, head: await headOf() }])
      for (const which of [0, 1, 2]) await expectUnread(which)
      // And from then on nobody counts.
      const unread = createUnread(stores)
      const countBySender = jest.spyOn(stores.timeline, 'countBySender')
      for (const userId of memberIds) await unread.total(userId, new Map())
      expect(countBySender).not.toHaveBeenCalled()
      countBySender.mockRestore()
    }

    it('law: are as many as counting finds, and are counted once at most', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), liveThrough), {
        numRuns,
      })
    })
  })
}
