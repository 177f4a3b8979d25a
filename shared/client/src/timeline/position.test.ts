import * as fc from 'fast-check'
import { createEntry } from '../testing/entries.ts'
import { createPosition } from './position.ts'

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + 1 + i)

describe('a position', () => {
  it('hands out in order, each once, whatever it takes', () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 120, size: 'max' })
    fc.assert(
      fc.property(
        fc.nat({ max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        arrivals,
        (begunAt, maxEarly, seqs) => {
          const handedOut: number[] = []
          const position = createPosition({ begunAt, maxEarly, handOut: ({ seq }) => handedOut.push(seq) })
          for (const seq of seqs) position.take(createEntry('a', seq))

          const reached = position.seq ?? 0
          expect(handedOut).toEqual(range(begunAt, reached))
          expect(position.isBehind).toBe(Math.max(begunAt, ...seqs) > reached)

          // What a fill brings, with everything that is still missing.
          for (const seq of range(reached, 40)) position.take(createEntry('a', seq))
          expect(handedOut).toEqual(range(begunAt, 40))
          expect(position.isBehind).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('keeps everything that arrived early, up to its bound', () => {
    const handedOut: number[] = []
    const position = createPosition({ begunAt: 0, maxEarly: 2, handOut: ({ seq }) => handedOut.push(seq) })
    for (const seq of [4, 3, 2, 1]) position.take(createEntry('a', seq))
    expect(handedOut).toEqual([1])
    expect(position.isBehind).toBe(true)
    position.take(createEntry('a', 2))
    expect(handedOut).toEqual([1, 2, 3, 4])

    // Those that come again take no room.
    for (const seq of [1, 2, 3, 4, 7, 6, 5]) position.take(createEntry('a', seq))
    expect(handedOut).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('hands out nothing before it knows where to begin, and skips nothing that arrived by then', () => {
    const handedOut: number[] = []
    const position = createPosition({ begunAt: undefined, handOut: ({ seq }) => handedOut.push(seq) })
    position.take(createEntry('a', 9))
    position.take(createEntry('a', 8))
    expect(position.seq).toBeUndefined()
    expect(position.isBehind).toBe(false)

    position.begin(10)
    expect(handedOut).toEqual([8, 9])
    expect(position.isBehind).toBe(true)
    position.begin(0)
    expect(position.seq).toBe(9)
  })

  it('begins at the head when nothing arrived', () => {
    const position = createPosition({ begunAt: undefined, handOut: () => undefined })
    position.begin(10)
    expect(position.seq).toBe(10)
    expect(position.isBehind).toBe(false)
  })

  it('does not hand out again what a listener takes again', () => {
    const handedOut: number[] = []
    const position = createPosition({
      begunAt: 0,
      handOut(entry) {
        handedOut.push(entry.seq)
        position.take(entry)
        if (entry.seq < 3) position.take(createEntry('a', entry.seq + 1))
      },
    })
    position.take(createEntry('a', 1))
    expect(handedOut).toEqual([1, 2, 3])
  })

  it('forgets what is not to be had', () => {
    const handedOut: number[] = []
    const position = createPosition({ begunAt: 3, handOut: ({ seq }) => handedOut.push(seq) })
    position.take(createEntry('a', 5))
    position.giveUp()
    expect(position.isBehind).toBe(false)
    position.take(createEntry('a', 4))
    expect(handedOut).toEqual([4])
  })

  it('shares the room for what arrived early with others, and can always go on', () => {
    const room = { left: 3 }
    const handedOut: string[] = []
    const [one, other] = ['a', 'b'].map(() =>
      createPosition({ begunAt: 0, room, handOut: ({ id }) => handedOut.push(id) }),
    )
    for (const seq of [3, 4, 4, 5, 6]) one?.take(createEntry('a', seq))
    expect(room.left).toBe(0)
    expect(other?.take(createEntry('b', 2))).toBe(false)
    expect(other?.isBehind).toBe(true)
    for (const seq of [1, 2]) other?.take(createEntry('b', seq))
    expect(handedOut).toEqual(['b-1', 'b-2'])

    one?.giveUp()
    expect(room.left).toBe(3)
  })
})
