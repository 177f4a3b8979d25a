import { randomUUID } from 'node:crypto'
import type { Conversation } from '@parley/contracts/conversations.ts'
import type { ChatStores } from '../stores.ts'
import { directConversation } from './direct-conversation.ts'

/** What every adapter of the conversation store must do. */
export function describeConversationStore(open: () => Promise<ChatStores>): void {
  describe('conversation store', () => {
    let stores: ChatStores
    const store = () => stores.conversations

    beforeEach(async () => {
      stores = await open()
    })
    afterEach(async () => stores.close())

    const start = Date.parse('2026-01-01T00:00:00.000Z')
    const nowhere = { changedAt: 0, conversationId: '' }

    /** Conversations of one person with `count` others, the first one begun first. */
    async function createMany(userId: string, count: number): Promise<Conversation[]> {
      const created: Conversation[] = []
      for (let index = 0; index < count; index += 1) {
        const conversation = directConversation(userId, randomUUID())
        const begun = { ...conversation, createdAt: new Date(start + index).toISOString() }
        await store().create(begun, start + index)
        created.push(begun)
      }
      return created
    }
    const idsOf = (found: readonly ({ id: string } | { conversationId: string })[]): string[] =>
      found.map((item) => ('id' in item ? item.id : item.conversationId))

    it('gives back what was stored, and nothing for an unknown id', async () => {
      const [conversation] = await createMany(randomUUID(), 1)
      expect(await store().find(conversation!.id)).toEqual(conversation)
      expect(await store().find(randomUUID())).toBeUndefined()
      expect(await store().findMany([randomUUID(), conversation!.id])).toEqual([conversation])
    })

    it('keeps the first of two that were created with one id, also at the same time', async () => {
      const first = directConversation(randomUUID(), randomUUID())
      await store().create(first)
      const others = Array.from({ length: 10 }, () => ({
        ...first,
        createdAt: new Date(start).toISOString(),
      }))
      await Promise.all(others.map((other) => store().create(other)))
      expect(await store().find(first.id)).toEqual(first)
      expect(await store().listFor(first.memberIds[0]!, { before: undefined, limit: 10 })).toHaveLength(1)
    })

    it('shows a conversation to its members only', async () => {
      const userId = randomUUID()
      const [conversation] = await createMany(userId, 1)
      for (const memberId of conversation!.memberIds) {
        expect(await store().findFor(memberId, conversation!.id)).toEqual({
          ...conversation,
          head: 0,
          changedAt: start,
          atHead: { to: 0, others: 0 },
        })
      }
      expect(await store().findFor(randomUUID(), conversation!.id)).toBeUndefined()
      expect(await store().listFor(randomUUID(), { before: undefined, limit: 10 })).toEqual([])
      expect(await store().changesFor(randomUUID(), { after: nowhere, limit: 10 })).toEqual([])
    })

    it('lists by the last change, newest first, in pages without overlap', async () => {
      const userId = randomUUID()
      const created = await createMany(userId, 5)
      await store().advanceTo([{ conversationId: created[1]!.id, head: 7, changedAt: start + 1_000 }])
      const expected = [created[1], created[4], created[3], created[2], created[0]].map((item) => item!.id)

      const first = await store().listFor(userId, { before: undefined, limit: 3 })
      expect(first[0]).toMatchObject({ ...created[1], head: 7, changedAt: start + 1_000 })
      const last = first.at(-1)!
      const before = { changedAt: last.changedAt, conversationId: last.id }
      const second = await store().listFor(userId, { before, limit: 3 })
      expect([...idsOf(first), ...idsOf(second)]).toEqual(expected)
    })

    it('orders changes of the same moment by id, in both directions', async () => {
      const userId = randomUUID()
      const created = await createMany(userId, 4)
      const changedAt = start + 5_000
      await store().advanceTo(created.map(({ id }) => ({ conversationId: id, head: 1, changedAt })))
      const ascending = created.map(({ id }) => id).toSorted()

      const changes = await store().changesFor(userId, { after: nowhere, limit: 2 })
      expect(idsOf(changes)).toEqual(ascending.slice(0, 2))
      const rest = await store().changesFor(userId, { after: changes[1]!, limit: 10 })
      expect(idsOf(rest)).toEqual(ascending.slice(2))

      const listed = await store().listFor(userId, { before: undefined, limit: 10 })
      expect(idsOf(listed)).toEqual(ascending.toReversed())
    })

    it('tells of changes behind a position, oldest first, with the head', async () => {
      const userId = randomUUID()
      const created = await createMany(userId, 3)
      await store().advanceTo([{ conversationId: created[0]!.id, head: 2, changedAt: start + 100 }])
      const after = { changedAt: start + 1, conversationId: created[1]!.id }
      expect(await store().changesFor(userId, { after, limit: 10 })).toEqual([
        { conversationId: created[2]!.id, head: 0, changedAt: start + 2 },
        { conversationId: created[0]!.id, head: 2, changedAt: start + 100 },
      ])
    })

    it('keeps what counts, for each member what others said, and the greatest of what comes in any order', async () => {
      const [conversation] = await createMany(randomUUID(), 1)
      const { id, memberIds } = conversation!
      const [one, other] = memberIds as [string, string]
      const atHead = async () =>
        Promise.all(memberIds.map(async (userId) => (await store().findFor(userId, id))?.atHead))
      const later = { to: 5, all: 4, of: new Map([[one, 3]]) }
      const earlier = { to: 3, all: 3, of: new Map([[other, 1]]) }
      await store().advance([{ conversationId: id, head: 5, counts: later }])
      await store().advance([{ conversationId: id, head: 3, counts: earlier }])
      await store().advance([{ conversationId: id, head: 6 }])
      expect(await atHead()).toEqual([
        { to: 5, others: 1 },
        { to: 5, others: 3 },
      ])
      const { changedAt } = (await store().findFor(one, id))!
      await store().putCounts(id, { to: 6, all: 5, of: new Map([[other, 2]]) })
      expect(await store().findFor(one, id)).toMatchObject({
        head: 6,
        changedAt,
        atHead: { to: 6, others: 2 },
      })
      const counts = await store().countsOf([id, randomUUID()])
      expect([...counts]).toMatchObject([[id, { to: 6, all: 5 }]])
      expect(counts.get(id)?.of).toEqual(new Map(Object.entries({ [one]: 3, [other]: 2 })))
    })

    it('never moves a head or a time of change back', async () => {
      const userId = randomUUID()
      const [conversation] = await createMany(userId, 1)
      const conversationId = conversation!.id
      await store().advanceTo([{ conversationId, head: 5, changedAt: start + 500 }])
      await store().advanceTo([
        { conversationId, head: 4, changedAt: start + 400 },
        { conversationId: randomUUID(), head: 1, changedAt: start },
      ])
      expect(await store().findFor(userId, conversationId)).toMatchObject({ head: 5, changedAt: start + 500 })
    })
  })
}
