import type { Message, TimelineEntry } from '@parley/contracts/timeline.ts'
import * as fc from 'fast-check'
import {
  addNewer,
  addOlder,
  hasNewer,
  noMessages,
  startAtNewest,
  takeEntry,
  takeNewest,
  type ThreadMessages,
} from './thread-messages.ts'

const message = (seq: number): Message => ({
  id: `m${seq}`,
  conversationId: 'c',
  seq,
  senderId: 'alice',
  clientId: `k${seq}`,
  at: new Date(seq * 1_000).toISOString(),
  text: `text ${seq}`,
})
const entry = (seq: number): TimelineEntry => {
  const { text, ...rest } = message(seq)
  return { ...rest, kind: 'message-created', body: { text } }
}
/** What the server answers. */
function page(head: number, before: number | undefined, limit: number) {
  const newest = Math.min(head, (before ?? Infinity) - 1)
  const oldest = Math.max(1, newest - limit + 1)
  const messages = Array.from({ length: newest - oldest + 1 }, (_, index) => message(newest - index))
  return { messages, nextBefore: oldest > 1 ? oldest : null }
}
const newer = (head: number, after: number, limit: number) => ({
  entries: Array.from({ length: Math.min(limit, head - after) }, (_, index) => entry(after + 1 + index)),
  head,
})
const seqs = (thread: ThreadMessages | undefined) => thread?.messages.map(({ seq }) => seq)

describe('the messages of a conversation', () => {
  it('begin with the newest page, and grow at both ends', () => {
    const newest = takeNewest(noMessages, page(10, undefined, 3))
    expect(newest).toMatchObject({ nextBefore: 8, head: 10 })
    const older = addOlder(newest, page(10, 8, 3))
    expect(seqs(takeEntry(older, entry(11)))).toEqual([5, 6, 7, 8, 9, 10, 11])
  })

  it('take an entry once, and say when one is missing before it', () => {
    const thread = takeNewest(noMessages, page(2, undefined, 3))
    expect(takeEntry(thread, entry(2))).toBe(thread)
    expect(takeEntry(thread, entry(4))).toBeUndefined()
  })

  it('know that there is more when the newest page does not reach down to them', () => {
    const old = takeNewest(noMessages, page(5, undefined, 3))
    const behind = takeNewest(old, page(20, undefined, 3))
    expect(seqs(behind)).toEqual([3, 4, 5])
    expect(hasNewer(behind)).toBe(true)
    expect(seqs(takeEntry(behind, entry(21)))).toEqual([3, 4, 5])
    expect(seqs(takeNewest(old, page(8, undefined, 3)))).toEqual([3, 4, 5, 6, 7, 8])
    expect(startAtNewest(page(20, undefined, 3))).toMatchObject({ nextBefore: 18, upTo: 20, head: 20 })
  })

  it('take a page of newer ones once', () => {
    const behind = takeNewest(takeNewest(noMessages, page(5, undefined, 3)), page(20, undefined, 3))
    const more = addNewer(behind, 5, newer(20, 5, 4))
    expect(seqs(more)).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect(addNewer(more, 5, newer(20, 5, 4))).toBe(more)
  })

  it('take an older page twice without harm', () => {
    const thread = takeNewest(noMessages, page(10, undefined, 3))
    const older = addOlder(thread, page(10, 8, 3))
    expect(addOlder(older, page(10, 8, 3))).toBe(older)
  })

  it('are dense and each there once, whatever comes in which order', () => {
    const step = fc.oneof(
      fc.constant('older' as const),
      fc.constant('newest' as const),
      fc.constant('newer' as const),
      fc.constant('jump' as const),
      fc.constant('said' as const),
      fc.nat({ max: 3 }),
    )
    fc.assert(
      fc.property(
        fc.nat({ max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(step),
        (begun, limit, steps) => {
          let head = begun
          let thread = takeNewest(noMessages, page(head, undefined, limit))
          for (const what of steps) {
            if (what === 'said') head += 1
            else if (what === 'newest') thread = takeNewest(thread, page(head, undefined, limit))
            else if (what === 'newer') thread = addNewer(thread, thread.upTo, newer(head, thread.upTo, limit))
            else if (what === 'jump') thread = startAtNewest(page(head, undefined, limit))
            else if (what === 'older' && thread.nextBefore !== null) {
              thread = addOlder(thread, page(head, thread.nextBefore, limit))
            } else if (typeof what === 'number' && head > 0) {
              thread = takeEntry(thread, entry(Math.max(1, head - what))) ?? thread
            }
            const first = thread.messages[0]?.seq ?? thread.upTo + 1
            expect(seqs(thread)).toEqual(
              Array.from({ length: thread.upTo - first + 1 }, (_, index) => first + index),
            )
            expect(thread.nextBefore).toBe(first > 1 ? first : null)
          }
          expect(takeNewest(thread, page(head, undefined, limit)).head).toBe(head)
        },
      ),
    )
  })
})
