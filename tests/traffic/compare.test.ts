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
    expect(countsOf({})).toEqual({ ...clean, accepted: 3, rolledBack: 0, stored: 3, expected: 6, seen: 6 })
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

  describe('after a restore of a backup', () => {
    const minute = Date.parse('2026-01-01T00:00:00.000Z')
    const rollBacks = [{ from: minute + 10_000, to: minute + 20_000 }]
    const gone = (at: number) =>
      entry(3, { id: 'gone', clientId: 'client-4', at: new Date(minute + at * 1_000).toISOString() })
    const kept = entries.map((stays) => ({ ...stays, ackedAt: minute }))
    const ackOf = (at: number, ackedAt: number) => [
      ...kept,
      { ...gone(at), ackedAt: minute + ackedAt * 1_000 },
    ]
    const shownAt = (at: number, shown: number) => [
      { ...view('bob', [entry(1), entry(2), gone(at)]), shownAt: [minute, minute, minute + shown * 1_000] },
    ]
    const restored = (changed: Partial<Parameters<typeof compare>[0]>) =>
      countsOf({ acked: kept, rollBacks, ...changed })

    it('takes what is missing as rolled back when it was accepted between the backup and the end of the server', () => {
      for (const acked of [ackOf(11, 12), ackOf(9, 11), ackOf(19, 21)])
        expect(restored({ acked })).toMatchObject({ ...clean, accepted: 4, rolledBack: 1 })
    })

    it.each([
      ['accepted before the backup', { acked: ackOf(8, 9) }],
      ['accepted after the restore, though sent before', { acked: ackOf(21, 22) }],
      ['accepted in between, where nothing was restored', { acked: ackOf(11, 12), rollBacks: [] }],
    ])('finds a loss of what was %s', (_, changed) => {
      expect(restored(changed)).toMatchObject({ lost: 1, rolledBack: 0 })
    })

    it('lets only a view that was dropped hold what was rolled back', () => {
      expect(restored({ dropped: shownAt(11, 12) })).toMatchObject(clean)
      expect(restored({ dropped: shownAt(8, 9) })).toMatchObject({ wrong: 1 })
      expect(restored({ dropped: shownAt(21, 22) })).toMatchObject({ wrong: 1 })
      const acked = ackOf(11, 12)
      const views = [view('alice', entries), view('bob', [entry(1), entry(2), gone(11)])]
      expect(restored({ acked, views })).toMatchObject({ wrong: 1, lost: 1, rolledBack: 1 })
    })

    it('looks at the order and at doubles of a view that was dropped', () => {
      const dropped = [{ ...view('bob', [entry(2), entry(1), entry(1)]), shownAt: [minute, minute, minute] }]
      expect(restored({ dropped })).toMatchObject({ doubled: 1, outOfOrder: 2, wrong: 0 })
    })

    it('finds a message that was rolled back and comes back without being sent again', () => {
      const back = { ...gone(25), id: 'back', seq: 4 }
      const changed = {
        stored: [{ ...stored[0]!, entries: [...entries, back] }],
        views: [view('bob', [...entries, back])],
        acked: ackOf(11, 12),
        sendOrder: [...sendOrder, 'client-4'],
      }
      expect(restored(changed)).toMatchObject({ wrong: 1 })
      expect(
        restored({ ...changed, acked: [...changed.acked, { ...back, ackedAt: minute + 26_000 }] }),
      ).toMatchObject({
        ...clean,
        accepted: 4,
        rolledBack: 1,
      })
    })
  })
})
