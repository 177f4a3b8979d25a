import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import {
  byActivity,
  countUnread,
  newerOf,
  unreadText,
  withEntry,
  withRead,
  withReceipt,
} from './summaries.ts'

const summary = (change: Partial<ConversationSummary> = {}): ConversationSummary => ({
  id: 'c',
  kind: 'direct',
  memberIds: ['me', 'bob'],
  createdAt: '2026-01-01T00:00:00.000Z',
  members: [],
  head: 3,
  lastMessage: null,
  unread: 1,
  receipts: [
    { userId: 'me', delivered: 3, read: 2 },
    { userId: 'bob', delivered: 3, read: 3 },
  ],
  ...change,
})
const entry = (seq: number, senderId = 'bob'): TimelineEntry => ({
  id: `m${seq}`,
  conversationId: 'c',
  seq,
  kind: 'message-created',
  senderId,
  clientId: `k${seq}`,
  at: '2026-01-02T00:00:00.000Z',
  body: { text: `text ${seq}` },
})

describe('a conversation in the list', () => {
  it('counts each message of another one once, and none of the user’s own', () => {
    const after = withEntry(summary(), entry(4), 'me')
    expect(after).toMatchObject({ head: 4, unread: 2, lastMessage: { text: 'text 4' } })
    expect(withEntry(after, entry(4), 'me')).toBe(after)
    expect(withEntry(after, entry(5, 'me'), 'me').unread).toBe(2)
  })

  it('counts down while one reads here, whatever an older answer says', () => {
    const ten = summary({
      head: 13,
      unread: 10,
      receipts: [{ userId: 'me', delivered: 13, read: 3 }],
    })
    const partly = withRead(ten, 'me', 7, 4)
    expect(partly).toMatchObject({ unread: 6, receipts: [{ userId: 'me', delivered: 13, read: 7 }] })
    expect(newerOf(partly, ten, 'me').unread).toBe(6)
    expect(newerOf(partly, { ...ten, head: 14, unread: 11 }, 'me').unread).toBe(7)
    expect(withRead(partly, 'me', 13, 6).unread).toBe(0)
    // What the server did not count to the end is not counted down.
    expect(withRead({ ...ten, unread: 1_000 }, 'me', 7, 4).unread).toBe(1_000)
  })

  it('is read when the user read everything, here or elsewhere', () => {
    expect(withReceipt(summary(), { userId: 'me', delivered: 3, read: 3 }, 'me')?.unread).toBe(0)
  })

  it('cannot tell what is unread when the user read a part elsewhere', () => {
    const one = summary({ head: 9, unread: 5 })
    expect(withReceipt(one, { userId: 'me', delivered: 9, read: 6 }, 'me')).toBeUndefined()
  })

  it('moves watermarks forward only', () => {
    const one = summary()
    expect(withReceipt(one, { userId: 'bob', delivered: 1, read: 1 }, 'me')).toBe(one)
    const moved = withReceipt(one, { userId: 'bob', delivered: 7, read: 1 }, 'me')
    expect(moved?.receipts).toContainEqual({ userId: 'bob', delivered: 7, read: 3 })
  })

  it('takes from an answer what is newer, and keeps what came meanwhile', () => {
    const here = withEntry(summary(), entry(4), 'me')
    expect(newerOf(here, summary(), 'me').head).toBe(4)
    expect(newerOf(here, summary({ head: 5, unread: 3 }), 'me')).toMatchObject({ head: 5, unread: 3 })
    expect(newerOf(here, summary({ head: 4, unread: 0 }), 'me').unread).toBe(0)
  })

  it('stays read when the server does not know yet that it was', () => {
    const read = withReceipt(summary(), { userId: 'me', delivered: 3, read: 3 }, 'me')
    expect(newerOf(read, summary(), 'me').unread).toBe(0)
  })
})

it('sorts by the last message, or the beginning', () => {
  const quiet = summary({ id: 'quiet', createdAt: '2026-01-03T00:00:00.000Z' })
  const old = summary({ id: 'old' })
  const spoken = withEntry(summary({ id: 'spoken' }), entry(4), 'me')
  expect(byActivity([old, spoken, quiet]).map(({ id }) => id)).toEqual(['quiet', 'spoken', 'old'])
})

it('counts what is unread', () => {
  expect(countUnread([summary(), summary({ unread: 4 })])).toBe(5)
  expect([unreadText(3), unreadText(99), unreadText(100)]).toEqual(['3', '99', '99+'])
})
