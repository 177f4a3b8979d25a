import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import type { Message } from '@parley/contracts/timeline.ts'
import { signal } from '@preact/signals-core'
import { readAsSeen } from './read-as-seen.ts'
import { startAtNewest } from './thread-messages.ts'

const message = (seq: number, senderId = 'bob'): Message => ({
  id: `m${seq}`,
  conversationId: 'c',
  seq,
  senderId,
  clientId: `k${seq}`,
  at: '2026-01-02T00:00:00.000Z',
  text: `text ${seq}`,
})

/** A conversation of ten messages, the third the user's own, of which two are read. */
function open() {
  const summary: ConversationSummary = {
    id: 'c',
    kind: 'direct',
    memberIds: ['me', 'bob'],
    createdAt: '2026-01-01T00:00:00.000Z',
    members: [],
    head: 10,
    lastMessage: null,
    unread: 7,
    receipts: [{ userId: 'me', delivered: 10, read: 2 }],
  }
  const byPerson = signal<ReadonlyMap<string, ConversationSummary>>(new Map([['bob', summary]]))
  const isHere = signal(true)
  const inView = signal<number | undefined>(undefined)
  const messages = Array.from({ length: 10 }, (_, index) => message(10 - index, index === 7 ? 'me' : 'bob'))
  const thread = signal(startAtNewest({ messages, nextBefore: null }))
  const read: [string, number, number][] = []
  const stop = readAsSeen({
    chat: {
      me: { id: 'me' },
      attention: { isHere },
      conversations: { byPerson },
      readMarks: { read: (...one: [string, number, number]) => read.push(one) },
    } as never,
    personId: 'bob',
    thread: { messages: thread },
    inView,
  })
  return { isHere, inView, thread, read, stop }
}

describe('what the user sees', () => {
  it('is read down to the last message in view, and no further', () => {
    const { inView, read } = open()
    inView.value = 6
    expect(read).toEqual([['c', 6, 3]])
    inView.value = undefined
    inView.value = 2
    expect(read).toHaveLength(1)
  })

  it('is not read while they look elsewhere', () => {
    const { inView, isHere, read } = open()
    isHere.value = false
    inView.value = 10
    expect(read).toEqual([])
    isHere.value = true
    expect(read).toEqual([['c', 10, 7]])
  })

  it('is not read for their own messages alone', () => {
    const { inView, read } = open()
    inView.value = 3
    expect(read).toEqual([])
  })

  it('is not what has come since, before it is in view', () => {
    const { inView, thread, read } = open()
    inView.value = 10
    thread.value = { ...thread.value, messages: [...thread.value.messages, message(11)], upTo: 11, head: 11 }
    expect(read.at(-1)).toEqual(['c', 10, 7])
  })

  it('is no longer looked at after they left', () => {
    const { inView, read, stop } = open()
    stop()
    inView.value = 10
    expect(read).toEqual([])
  })
})
