import { compare, type StoredConversation } from './compare.ts'
import type { SeenEntry, View } from './protocol.ts'

describe('comparison of views with the database', () => {
  const entry = (seq: number, fields: Partial<SeenEntry> = {}): SeenEntry => ({
    id: `entry-${seq}`,
    conversationId: 'c',
    seq,
    senderId: 'alice',
    clientId: `client-${seq}`,
    textHash: `text-${seq}`,
    at: '2026-01-01T00:00:00.000Z',
    ...fields,
  })
  const entries = [entry(1), entry(2), entry(3)]
  const stored: StoredConversation[] = [{ id: 'c', memberIds: ['alice', 'bob'], entries }]
  const view = (userId: string, shown: readonly SeenEntry[]): View => ({ userId, entries: shown })
  const sendOrder = ['client-1', 'client-2', 'client-3']
  const clean = { lost: 0, doubled: 0, outOfOrder: 0, wrong: 0 }

  const countsOf = (changed: Partial<Parameters<typeof compare>[0]>) =>
    compare({
      stored,
      views: [view('alice', entries), view('bob', entries)],
      acked: entries,
      sendOrder,
      ...changed,
    }).counts

  it('finds nothing where there is nothing', () => {
    expect(countsOf({})).toEqual({ ...clean, accepted: 3, stored: 3, expected: 6, seen: 6 })
  })

  it.each<[string, Partial<Parameters<typeof compare>[0]>, Partial<typeof clean>]>([
    ['an accepted message that is not stored', { acked: [...entries, entry(4)] }, { lost: 1 }],
    ['an entry that a member never saw', { views: [view('bob', [entry(1), entry(3)])] }, { lost: 1 }],
    ['an entry shown twice', { views: [view('bob', [...entries, entry(3)])] }, { doubled: 1, outOfOrder: 1 }],
    [
      'entries shown out of order',
      { views: [view('bob', [entry(2), entry(1), entry(3)])] },
      { outOfOrder: 1 },
    ],
    [
      'a clientId accepted as two entries',
      { acked: [...entries, entry(2, { clientId: 'client-1' })] },
      { doubled: 1, wrong: 1 },
    ],
    [
      'a clientId stored twice',
      {
        stored: [{ ...stored[0]!, entries: [entry(1), entry(2, { clientId: 'client-1' })] }],
        views: [],
        acked: [],
      },
      { doubled: 1 },
    ],
    [
      'a hole in the seqs',
      { stored: [{ ...stored[0]!, entries: [entry(1), entry(3)] }], views: [], acked: [] },
      { outOfOrder: 1 },
    ],
    [
      'a sender’s order that was not kept',
      { sendOrder: ['client-2', 'client-1', 'client-3'] },
      { outOfOrder: 1 },
    ],
    ['an entry that nobody was told to be accepted', { acked: [entry(1), entry(2)] }, { wrong: 2 }],
    ['an entry that was never stored', { views: [view('bob', [...entries, entry(4)])] }, { wrong: 1 }],
    [
      'an entry with another text',
      { views: [view('bob', [entry(1, { textHash: 'x' }), entry(2), entry(3)])] },
      { wrong: 1 },
    ],
    ['a stranger’s entry', { views: [view('eve', [entry(1)])] }, { wrong: 1 }],
  ])('finds %s', (_, changed, found) => {
    expect(countsOf(changed)).toMatchObject({ ...clean, ...found })
  })
})
