import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import type { QueuedMessage } from '../conversation/outbox.ts'
import { toListItems } from './list-items.ts'

const conversation = (other: string, at: number): ConversationSummary => ({
  id: `with ${other}`,
  kind: 'direct',
  memberIds: ['me', other],
  createdAt: new Date(0).toISOString(),
  members: [],
  head: 1,
  lastMessage: {
    id: 'm',
    conversationId: `with ${other}`,
    seq: 1,
    senderId: other,
    clientId: `from ${other}`,
    at: new Date(at).toISOString(),
    text: `by ${other}`,
  },
  unread: 1,
  receipts: [],
})
const queued = (
  to: string,
  since: number,
  state: QueuedMessage['state'],
  clientId = `to ${to} ${since}`,
): QueuedMessage => ({ clientId, to, text: `to ${to}`, since, state })
const items = (conversations: ConversationSummary[], messages: QueuedMessage[]) =>
  toListItems(conversations, messages, 'me').map(({ personId, last, unsent }) => [
    personId,
    last?.text,
    unsent,
  ])

describe('the list of conversations', () => {
  it('is that of the server while nothing waits', () => {
    expect(items([conversation('bob', 2), conversation('carol', 1)], [])).toEqual([
      ['bob', 'by bob', undefined],
      ['carol', 'by carol', undefined],
    ])
  })

  it('has those to whom the first message waits, and shows what waits in the others', () => {
    expect(
      items(
        [conversation('bob', 2), conversation('carol', 1)],
        [queued('dora', 5, 'waiting'), queued('carol', 9, 'sending')],
      ),
    ).toEqual([
      ['carol', 'to carol', 'sending'],
      ['dora', 'to dora', 'waiting'],
      ['bob', 'by bob', undefined],
    ])
  })

  it('shows the worst of several', () => {
    const several = [queued('bob', 3, 'failed'), queued('bob', 4, 'waiting')]
    expect(items([conversation('bob', 2)], several)).toEqual([['bob', 'to bob', 'failed']])
  })

  it('shows as sent what is accepted and whose entry is yet to come, until it is here', () => {
    expect(items([], [queued('bob', 3, 'accepted')])).toEqual([['bob', 'to bob', undefined]])
    const here = conversation('bob', 2)
    expect(items([here], [queued('bob', 1, 'accepted', 'from bob')])).toEqual([['bob', 'by bob', undefined]])
  })
})
