import type { Message } from '@parley/contracts/timeline.ts'
import type { QueuedMessage } from './outbox.ts'
import { shownMessages } from './shown-message.ts'

const accepted = (seq: number, clientId: string, senderId = 'me'): Message => ({
  id: `m${seq}`,
  conversationId: 'c',
  seq,
  senderId,
  clientId,
  at: '2026-01-02T03:04:05.000Z',
  text: clientId,
})
const queued = (clientId: string): QueuedMessage => ({
  clientId,
  to: 'bob',
  text: clientId,
  since: 1,
  state: 'sending',
})

describe('shown messages', () => {
  it('are the accepted ones, and then those on their way', () => {
    const shown = shownMessages([accepted(1, 'a', 'bob')], [queued('b')], 'me')
    expect(shown.map(({ text, state }) => [text, state])).toEqual([
      ['a', 'accepted'],
      ['b', 'sending'],
    ])
  })

  it('show a message once, with the same key before and after', () => {
    const [before] = shownMessages([], [queued('a')], 'me')
    const between = shownMessages([accepted(1, 'a')], [queued('a')], 'me')
    expect(between).toHaveLength(1)
    expect(between[0]).toMatchObject({ key: before?.key, state: 'accepted', seq: 1 })
  })

  it('do not take another one’s clientId for the user’s own', () => {
    const shown = shownMessages([accepted(1, 'a', 'bob')], [queued('a')], 'me')
    expect(shown).toHaveLength(2)
    expect(new Set(shown.map(({ key }) => key)).size).toBe(2)
  })
})
