import { randomUUID } from 'node:crypto'
import type { ChatStores } from '../stores.ts'
import type { MemberWatermark } from './receipt-store.ts'

/** What every adapter of the receipt store must do. */
export function describeReceiptStore(open: () => Promise<ChatStores>): void {
  describe('receipt store', () => {
    let stores: ChatStores
    const store = () => stores.receipts

    beforeEach(async () => {
      stores = await open()
    })
    afterEach(async () => stores.close())

    const mark = (delivered: number, read: number, of: Partial<MemberWatermark> = {}): MemberWatermark => ({
      conversationId: randomUUID(),
      userId: randomUUID(),
      delivered,
      read,
      ...of,
    })

    const nobodyCounted = { to: 0, others: 0 }

    it('moves forward only, each mark by itself', async () => {
      const first = mark(5, 2)
      expect(await store().advance(first)).toEqual({ watermark: first, advanced: true })
      expect(await store().advance({ ...first, delivered: 3, read: 1 })).toEqual({
        watermark: first,
        advanced: false,
      })
      const further = { ...first, read: 4 }
      expect(await store().advance({ ...first, delivered: 4, read: 4 })).toEqual({
        watermark: further,
        advanced: true,
      })
      expect(await store().advance(further)).toEqual({ watermark: further, advanced: false })
    })

    it('ends at the highest of many moves at the same time', async () => {
      const { conversationId, userId } = mark(0, 0)
      const moves = Array.from({ length: 20 }, (_, index) =>
        mark(index + 1, index, { conversationId, userId }),
      )
      await Promise.all(moves.map((move) => store().advance(move)))
      expect(await store().findMany([conversationId])).toEqual([
        { ...mark(20, 19, { conversationId, userId }), atRead: nobodyCounted },
      ])
    })

    it('finds the marks of all members of the conversations asked for', async () => {
      const one = mark(3, 3)
      const other = mark(1, 0, { conversationId: one.conversationId })
      const elsewhere = mark(9, 9)
      for (const watermark of [one, other, elsewhere]) await store().advance(watermark)
      const found = await store().findMany([one.conversationId, randomUUID()])
      const kept = [one, other].map((watermark) => ({ ...watermark, atRead: nobodyCounted }))
      expect(new Set(found)).toEqual(new Set(kept))
    })

    it('keeps how much of others was read with the mark, or up to an earlier one', async () => {
      const first = mark(9, 4)
      const atRead = async () => (await store().findMany([first.conversationId]))[0]?.atRead
      await store().advance(first, 3)
      expect(await atRead()).toEqual({ to: 4, others: 3 })
      // As by a replica of the release before.
      await store().advance({ ...first, read: 7 })
      expect(await atRead()).toEqual({ to: 4, others: 3 })
      await store().noteOthersRead({ ...first, read: 6, others: 9 })
      expect(await atRead()).toEqual({ to: 4, others: 3 })
      await store().noteOthersRead({ ...first, read: 7, others: 5 })
      expect(await atRead()).toEqual({ to: 7, others: 5 })
      await store().advance({ ...first, read: 5 }, 4)
      expect(await atRead()).toEqual({ to: 7, others: 5 })
      await store().advance({ ...first, read: 8 }, 6)
      expect(await atRead()).toEqual({ to: 8, others: 6 })
    })

    it('keeps a move pending until it is marked, unless the watermark has moved on', async () => {
      const first = mark(1, 0)
      await store().advance(first)
      expect(await store().pending(10)).toEqual([first])

      const second = { ...first, delivered: 2 }
      await store().advance(second)
      await store().markPublished([first])
      expect(await store().pending(10)).toEqual([second])

      await store().markPublished([second])
      expect(await store().pending(10)).toEqual([])
      await store().advance(second)
      expect(await store().pending(10)).toEqual([])
    })
  })
}
