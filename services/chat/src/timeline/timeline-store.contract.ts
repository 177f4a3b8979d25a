import { randomUUID } from 'node:crypto'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { ChatStores } from '../stores.ts'

/** What every adapter of the timeline store must do. */
export function describeTimelineStore(open: () => Promise<ChatStores>): void {
  describe('timeline store', () => {
    let stores: ChatStores
    const store = () => stores.timeline

    beforeEach(async () => {
      stores = await open()
    })
    afterEach(async () => stores.close())

    const alice = randomUUID()
    const bob = randomUUID()
    let clock = Date.parse('2026-01-01T00:00:00.000Z')

    const entry = (
      conversationId: string,
      seq: number,
      fields: Partial<TimelineEntry> = {},
    ): TimelineEntry => ({
      id: randomUUID(),
      conversationId,
      seq,
      kind: 'message-created',
      senderId: alice,
      clientId: randomUUID(),
      at: new Date((clock += 1_000)).toISOString(),
      body: { text: `message ${seq}` },
      ...fields,
    })
    const entries = (conversationId: string, count: number, senderId = alice): TimelineEntry[] =>
      Array.from({ length: count }, (_, index) => entry(conversationId, index + 1, { senderId }))

    it('gives back exactly what was stored', async () => {
      const conversationId = randomUUID()
      const texts = ['שלום עולם', 'e\u0301 combining', '👩‍👩‍👧‍👦', 'z'.repeat(4_000), '"\\\n\t\u2028', ' spaces ']
      const stored = texts.map((text, index) =>
        entry(conversationId, index + 1, { body: { text, replyTo: randomUUID() } }),
      )
      expect(await store().append(stored)).toMatchObject({ inserted: stored.length })
      expect(await store().after(conversationId, 0, 100)).toEqual(stored)
    })

    it('stores entries of several conversations in one write', async () => {
      const [one, other] = [randomUUID(), randomUUID()]
      const mixed = [entry(one, 1), entry(other, 1), entry(one, 2), entry(other, 2)]
      expect(await store().append(mixed)).toMatchObject({ inserted: 4 })
      const heads = await store().heads([one, other])
      expect([heads.get(one), heads.get(other)]).toEqual([2, 2])
    })

    it('says 0 as the head of a conversation without entries', async () => {
      const conversationId = randomUUID()
      expect((await store().heads([conversationId])).get(conversationId)).toBe(0)
    })

    it('stops at a seq that is taken and stores nothing behind it', async () => {
      const [one, other] = [randomUUID(), randomUUID()]
      await store().append([entry(one, 1)])
      const outcome = await store().append([entry(other, 1), entry(one, 1), entry(one, 2), entry(other, 2)])
      expect(outcome).toMatchObject({ inserted: 1, refused: 'seq-taken' })
      const heads = await store().heads([one, other])
      expect([heads.get(one), heads.get(other)]).toEqual([1, 1])
    })

    it('stops at a client id that is taken and stores nothing behind it', async () => {
      const conversationId = randomUUID()
      const first = entry(conversationId, 1)
      await store().append([first])
      const again = entry(conversationId, 2, { clientId: first.clientId })
      const outcome = await store().append([again, entry(conversationId, 3)])
      expect(outcome).toMatchObject({ inserted: 0, refused: 'client-id-taken' })
      expect(await store().after(conversationId, 0, 10)).toEqual([first])
    })

    it('lets another sender, and another conversation, use the same client id', async () => {
      const [one, other] = [randomUUID(), randomUUID()]
      const clientId = randomUUID()
      const outcome = await store().append([
        entry(one, 1, { clientId }),
        entry(one, 2, { clientId, senderId: bob }),
        entry(other, 1, { clientId }),
      ])
      expect(outcome).toMatchObject({ inserted: 3 })
    })

    it('finds entries by client key and leaves out unknown keys', async () => {
      const conversationId = randomUUID()
      const stored = entries(conversationId, 3)
      await store().append(stored)
      const unknown = { conversationId, senderId: bob, clientId: stored[0]!.clientId }
      const found = await store().findByClientKeys([stored[2]!, unknown, stored[0]!])
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set([stored[0]!.id, stored[2]!.id]))
    })

    it('reads forwards from a position, oldest first, in pages', async () => {
      const conversationId = randomUUID()
      const stored = entries(conversationId, 5)
      await store().append(stored)
      expect(await store().after(conversationId, 0, 2)).toEqual(stored.slice(0, 2))
      expect(await store().after(conversationId, 2, 10)).toEqual(stored.slice(2))
      expect(await store().after(conversationId, 5, 10)).toEqual([])
    })

    it('reads messages backwards, newest first, in pages', async () => {
      const conversationId = randomUUID()
      await store().append(entries(conversationId, 5))
      const seqs = async (before: number | undefined, limit: number): Promise<number[]> =>
        (await store().messagesBefore(conversationId, before, limit)).map(({ seq }) => seq)
      expect(await seqs(undefined, 2)).toEqual([5, 4])
      expect(await seqs(4, 2)).toEqual([3, 2])
      expect(await seqs(2, 10)).toEqual([1])
      expect(await seqs(1, 10)).toEqual([])
    })

    it('finds a message in its own conversation only', async () => {
      const conversationId = randomUUID()
      const [stored] = entries(conversationId, 1)
      await store().append([stored!])
      const { kind: _, body, ...rest } = stored!
      expect(await store().findMessage(conversationId, stored!.id)).toEqual({ ...rest, text: body.text })
      expect(await store().findMessage(randomUUID(), stored!.id)).toBeUndefined()
      expect(await store().findMessage(conversationId, randomUUID())).toBeUndefined()
    })

    it('counts what each sent between two positions', async () => {
      const conversationId = randomUUID()
      await store().append([
        ...entries(conversationId, 4, alice),
        entry(conversationId, 5, { senderId: bob }),
      ])
      const kind = 'reaction-added' as TimelineEntry['kind']
      await store().append([entry(conversationId, 6, { kind }), entry(conversationId, 7)])
      const counts = async (after: number, upTo: number) =>
        Object.fromEntries(await store().countBySender(conversationId, after, upTo))
      expect(await counts(0, 7)).toEqual({ [alice]: 5, [bob]: 1 })
      expect(await counts(2, 5)).toEqual({ [alice]: 2, [bob]: 1 })
      expect(await counts(4, 6)).toEqual({ [bob]: 1 })
      expect(await counts(7, 100)).toEqual({})
    })

    it('keeps entries pending, oldest first, until they are marked as published', async () => {
      const conversationId = randomUUID()
      const stored = entries(conversationId, 3)
      await store().append(stored)
      const pending = async (before: string): Promise<string[]> =>
        (await store().pending(before, 100)).map(({ id }) => id)
      const ids = stored.map(({ id }) => id)
      const later = new Date(clock + 1).toISOString()

      expect(await pending(later)).toEqual(ids)
      expect(await pending(stored[2]!.at)).toEqual(ids.slice(0, 2))
      expect(await store().pending(later, 1)).toEqual([stored[0]])

      await store().markPublished([ids[0]!, ids[2]!, randomUUID()])
      expect(await pending(later)).toEqual([ids[1]])
      await store().markPublished([ids[1]!])
      expect(await pending(later)).toEqual([])
      expect(await store().after(conversationId, 0, 10)).toEqual(stored)
    })
  })
}
