import type { ClientState } from '@parley/client/events/client-events.ts'
import type { Acked, Life, SeenEntry, View } from '../traffic/protocol.ts'
import { analyse } from './analyse.ts'

const minute = Date.parse('2026-01-01T00:00:00.000Z')
const isoOf = (second: number): string => new Date(minute + second * 1_000).toISOString()

const entry = (seq: number, acceptedAt: number, senderId = 'alice'): SeenEntry => ({
  id: `entry-${seq}`,
  conversationId: 'c',
  seq,
  senderId,
  clientId: `client-${seq}`,
  textHash: '',
  at: isoOf(acceptedAt),
})

/** Bob's life, in seconds. */
function lifeOf({
  states = [
    [0, 'catching-up'],
    [0, 'live'],
  ],
  heard = {},
  shown = [],
  read = {},
  confirmed = 0,
  listed,
}: {
  states?: [number, ClientState][]
  heard?: Record<string, number>
  shown?: number[]
  read?: Record<string, number>
  /** When the reads were confirmed. */
  confirmed?: number
  listed?: Life['listed']
}): Life {
  return {
    userId: 'bob',
    shownAt: shown.map((second) => minute + second * 1_000),
    heardAt: Object.fromEntries(Object.entries(heard).map(([id, at]) => [id, minute + at * 1_000])),
    repeated: 0,
    states: states.map(([second, state]) => ({ state, at: minute + second * 1_000 })),
    read: Object.entries(read).map(([conversationId, seq]) => {
      const at = minute + confirmed * 1_000
      return { conversationId, seq, sentAt: at, at }
    }),
    dropped: [],
    sessionsEnded: 0,
    listed: listed ?? { c: { head: shown.length, position: shown.length } },
  }
}

const analyseBob = (
  entries: SeenEntry[],
  life: Life,
  { fault, acked = [] }: { fault?: [from: number, to: number]; acked?: Acked[] } = {},
) =>
  analyse({
    stored: [{ id: 'c', memberIds: ['alice', 'bob'], entries }],
    views: [{ userId: 'bob', entries: entries.slice(0, life.shownAt.length) } satisfies View],
    acked,
    lives: [life],
    happened:
      fault === undefined
        ? []
        : [{ name: 'f', target: 't', from: minute + fault[0] * 1_000, to: minute + fault[1] * 1_000 }],
    readOf: () => 1,
  })

describe('the analysis of lives', () => {
  it('takes what was shown before it came over a socket as recovered by resync', () => {
    const entries = [entry(1, 1), entry(2, 2), entry(3, 3)]
    const life = lifeOf({ heard: { 'entry-1': 1, 'entry-2': 7 }, shown: [1, 5, 4] })
    expect(analyseBob(entries, life).resynced).toEqual({ count: 2, p50: 1_000, p99: 3_000, max: 3_000 })
  })

  it('does not take one’s own messages as recovered', () => {
    expect(analyseBob([entry(1, 1, 'bob')], lifeOf({ shown: [1] })).resynced.count).toBe(0)
  })

  it('finds an entry that a live socket never brought', () => {
    const { missedByLiveSockets, findings } = analyseBob([entry(1, 1)], lifeOf({ shown: [9] }))
    expect([missedByLiveSockets, findings]).toEqual([1, [expect.stringContaining('entry-1')]])
  })

  it.each<[string, [number, ClientState][]]>([
    [
      'accepted before the socket was connected',
      [
        [2, 'catching-up'],
        [2, 'live'],
      ],
    ],
    [
      'of a time with another socket',
      [
        [0, 'live'],
        [3, 'connecting'],
        [4, 'catching-up'],
        [5, 'live'],
      ],
    ],
    [
      'of a client that went offline',
      [
        [0, 'catching-up'],
        [0, 'live'],
        [3, 'offline'],
      ],
    ],
  ])('expects no entry from a live socket that was %s', (_, states) => {
    expect(analyseBob([entry(1, 1)], lifeOf({ states, shown: [5] })).missedByLiveSockets).toBe(0)
  })

  it('finds a conversation that the list or the client of a member hides, wholly or in part', () => {
    const entries = [entry(1, 1), entry(2, 2)]
    const hiddenWith = (listed: Life['listed']) =>
      analyseBob(entries, lifeOf({ shown: [1, 2], heard: { 'entry-1': 1, 'entry-2': 2 }, listed }))
    expect(hiddenWith({ c: { head: 2, position: 2 } })).toMatchObject({ hidden: 0, findings: [] })
    expect(hiddenWith({})).toMatchObject({
      hidden: 1,
      findings: [expect.stringMatching(/^hidden: user bob/)],
    })
    expect(hiddenWith({ c: { head: 1, position: 2 } }).hidden).toBe(1)
    expect(hiddenWith({ c: { head: 2, position: 1 } }).hidden).toBe(1)
    // Of a state that was rolled back.
    expect(hiddenWith({ c: { head: 2, position: 3 } }).hidden).toBe(1)
  })

  it.each([
    ['an hour ahead', 3_605],
    ['an hour behind', -3_595],
  ])('takes the time of sending for that of a replica whose clock is %s', (_, at) => {
    const accepted = entry(1, at)
    const acked = [{ ...accepted, sentAt: minute + 5_000, ackedAt: minute + 6_000 }]
    const life = lifeOf({ states: [[7, 'catching-up']], shown: [8] })
    const { missedByLiveSockets, resynced } = analyseBob([accepted], life, { acked })
    expect([missedByLiveSockets, resynced.max]).toEqual([0, 3_000])
  })

  it('finds a confirmed receipt that is not stored', () => {
    expect(analyseBob([], lifeOf({ read: { c: 1 } })).receiptsLost).toBe(0)
    expect(analyseBob([], lifeOf({ read: { c: 2 } })).receiptsLost).toBe(1)
  })

  it('counts from a connection to being live on it', () => {
    const states: [number, ClientState][] = [
      [0, 'catching-up'],
      [2, 'live'],
      [3, 'offline'],
      [4, 'connecting'],
      [5, 'catching-up'],
      [6, 'live'],
    ]
    expect(analyseBob([], lifeOf({ states })).catchUps).toEqual({
      count: 2,
      p50: 1_000,
      p99: 2_000,
      max: 2_000,
    })
  })

  it('says when clients recovered from a fault: all live, and a later message shown', () => {
    const states: [number, ClientState][] = [
      [0, 'live'],
      [11, 'connecting'],
      [13, 'catching-up'],
      [14, 'live'],
    ]
    const entries = [entry(1, 10), entry(2, 12), entry(3, 30)]
    const life = lifeOf({ states, heard: { 'entry-1': 15 }, shown: [15, 15, 31] })
    const [first] = analyseBob(entries, life, { fault: [9, 12] }).faults
    expect(first).toMatchObject({ recoveredAfter: 3_000, slowestDelivery: 5_000 })
    const [never] = analyseBob(entries, life, { fault: [31, 32] }).faults
    expect(never).toMatchObject({ recoveredAfter: undefined })
  })

  describe('after a restore of a backup', () => {
    const rollBacks = [{ from: minute + 10_000, to: minute + 20_000 }]
    const told = { dropped: [{ userId: 'bob', entries: [], shownAt: [] }], sessionsEnded: 1 }
    const analyseRestored = (life: Partial<Life>) =>
      analyse({
        stored: [],
        views: [],
        acked: [],
        lives: [{ ...lifeOf({}), ...told, ...life }],
        happened: [],
        rollBacks,
        readOf: () => 1,
      })
    const readAt = (sent: number, confirmed: number) => {
      const times = { sentAt: minute + sent * 1_000, at: minute + confirmed * 1_000 }
      return analyseRestored({ read: [{ conversationId: 'c', seq: 2, ...times }] }).receiptsLost
    }

    it('counts a receipt as lost, unless it was confirmed between the backup and the end of the server', () => {
      expect([readAt(8, 9), readAt(21, 22)]).toEqual([1, 1])
      expect([readAt(9, 11), readAt(11, 12), readAt(19, 21)]).toEqual([0, 0, 0])
    })

    it('finds whoever was not told, or told twice, or told without one', () => {
      expect(analyseRestored({}).findings).toEqual([])
      const twice = [...told.dropped, ...told.dropped]
      for (const life of [{ dropped: [] }, { dropped: twice }, { sessionsEnded: 0 }, { sessionsEnded: 2 }])
        expect(analyseRestored(life).findings).toEqual([expect.stringContaining('user bob began anew')])
      expect(analyseBob([], { ...lifeOf({}), ...told }).findings).toHaveLength(1)
    })
  })
})
