import type { TimelineResponse } from '@parley/contracts/timeline.ts'
import * as fc from 'fast-check'
import { ParleyClientError } from '../client-error.ts'
import { createEntry } from '../testing/entries.ts'
import { createManualTimers, settle } from '../testing/manual-timers.ts'
import { createBackoff } from '../time/backoff.ts'
import { createLimiter } from '../time/limiter.ts'
import type { Timers } from '../time/timers.ts'
import { countResync, type Resync, type ResyncCount } from './resync.ts'
import { createTimelines, type Head } from './timelines.ts'

const ids = ['a', 'b', 'c'] as const
type Id = (typeof ids)[number]
const pageSize = 3
const concurrency = 2

interface Fetch {
  readonly id: string
  readonly signal: AbortSignal
  answer(outcome: 'answered' | 'failed' | 'stale'): void
}

/** A server, a network that can do anything, and timelines that must cope. */
function createWorld(seqs: Record<string, number> | undefined, onHandOut?: (seq: number) => void) {
  const heads: Record<string, number> = { a: 0, b: 0, c: 0 }
  const handedOut: Record<string, number[]> = { a: [], b: [], c: [] }
  const fetches: Fetch[] = []
  const faults: unknown[] = []
  const resyncs: Resync[] = []
  const timers = createManualTimers()

  function pageAfter(id: string, after: number): TimelineResponse {
    const head = heads[id] ?? 0
    const last = Math.min(head, after + pageSize)
    const entries = Array.from({ length: Math.max(0, last - after) }, (_, i) =>
      createEntry(id, after + 1 + i),
    )
    return { entries, head, more: last < head }
  }

  const timelines = createTimelines({
    seqs,
    fetchPage(id, after, signal) {
      // A page is as it was when it was asked for, however late it arrives.
      const page = pageAfter(id, after)
      const fetched = new Promise<TimelineResponse>((resolve, reject) => {
        fetches.push({
          id,
          signal,
          answer(outcome) {
            if (outcome === 'answered') resolve(page)
            else if (outcome === 'stale') resolve({ entries: [], head: after, more: false })
            else reject(new ParleyClientError('unavailable'))
          },
        })
      })
      // Kept for later: what is thrown here counts as a failed fetch.
      const alive = fetches.filter((fetch) => !fetch.signal.aborted)
      if (fetches.length > concurrency) faults.push('too many fetches at a time')
      if (new Set(alive.map((fetch) => fetch.id)).size < alive.length) faults.push(`two fetches for ${id}`)
      return fetched
    },
    handOut({ conversationId, seq }) {
      handedOut[conversationId]?.push(seq)
      onHandOut?.(seq)
    },
    onHoleFilled: (resync) => resyncs.push(resync),
    onRefused: (error) => faults.push(error),
    limit: createLimiter(concurrency),
    timers,
    backoff: createBackoff({ minMs: 200, maxMs: 30_000 }, () => 0.5),
    graceMs: 250,
  })

  function answer(index: number, outcome: 'answered' | 'failed' | 'stale'): void {
    fetches.splice(index % Math.max(1, fetches.length), 1)[0]?.answer(outcome)
  }

  return {
    heads,
    handedOut,
    faults,
    resyncs,
    timers,
    timelines,
    fetches,
    allHeads: (): Head[] =>
      ids.filter((id) => heads[id] !== 0).map((id) => ({ conversationId: id, head: heads[id] ?? 0 })),
    answer,
    calmDown,
  }

  /** Answers everything, until nothing is under way any more. */
  async function calmDown(): Promise<void> {
    await settle()
    for (let turn = 0; fetches.length > 0 || timers.pending > 0; turn += 1) {
      if (turn > 1_000) throw new Error('it never ends')
      if (fetches.length > 0) answer(0, 'answered')
      else timers.runNext()
      await settle()
    }
  }
}

const anyId = fc.constantFrom(...ids)
const step = fc.oneof(
  fc.record({ do: fc.constant('say' as const), id: anyId }),
  fc.record({ do: fc.constant('deliver' as const), id: anyId, back: fc.nat({ max: 9 }) }),
  fc.record({ do: fc.constant('deliver' as const), id: anyId, back: fc.constant(0) }),
  fc.record({ do: fc.constant('compare' as const), id: anyId }),
  fc.record({
    do: fc.constant('answer' as const),
    index: fc.nat({ max: 3 }),
    outcome: fc.constantFrom('answered', 'answered', 'failed', 'stale'),
  }),
  fc.record({ do: fc.constantFrom('tick', 'tick', 'pause', 'resume', 'restart', 'askHeads', 'begin') }),
)
/** Each step with the number of microtasks that run before the next one; 9 stands for all. */
const plans = fc.array(fc.tuple(step, fc.nat({ max: 9 })), { maxLength: 100, size: 'max' })

const comparison = (timers: Timers): ResyncCount => countResync('comparison', timers)

async function letRun(turns: number): Promise<void> {
  if (turns === 9) await settle()
  else for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
}

describe('timelines', () => {
  it('hand out everything once and in order, whatever is lost, doubled, late or failing', async () => {
    const starts = fc.constantFrom('now', 'beginning', 'saved')
    await fc.assert(
      fc.asyncProperty(starts, fc.nat({ max: 12 }), plans, async (start, history, plan) => {
        const saved = { now: undefined, beginning: {}, saved: { a: Math.min(5, history) } }[start]
        const world = createWorld(saved)
        const { timelines, heads } = world
        heads['a'] = history
        const expectedStart: Record<string, number> = { a: saved?.a ?? 0, b: 0, c: 0 }
        const lowest: Record<string, number> = {}
        const heard: Record<string, number> = {}
        // What the heads call found may be old when it arrives.
        let asked: Head[] | undefined

        function begin(): void {
          if (timelines.begun) return
          asked ??= world.allHeads()
          for (const { conversationId, head } of asked)
            expectedStart[conversationId] = Math.min(head, (lowest[conversationId] ?? Infinity) - 1)
          timelines.begin(asked)
        }
        function deliver(id: Id, back: number): void {
          const seq = (heads[id] ?? 0) - back
          if (seq < 1) return
          lowest[id] = Math.min(lowest[id] ?? Infinity, seq)
          heard[id] = Math.max(heard[id] ?? 0, seq)
          timelines.take(createEntry(id, seq))
        }
        function reach(id: Id): void {
          const head = heads[id] ?? 0
          if (!timelines.begun || head === 0) return
          heard[id] = head
          void timelines.reach({ conversationId: id, head }, comparison(world.timers))
        }

        for (const [step, turns] of plan) {
          if (step.do === 'say') heads[step.id] = (heads[step.id] ?? 0) + 1
          else if (step.do === 'deliver') deliver(step.id, step.back)
          else if (step.do === 'compare') reach(step.id)
          else if (step.do === 'answer') world.answer(step.index, step.outcome)
          else if (step.do === 'tick') world.timers.runNext()
          else if (step.do === 'askHeads') asked ??= world.allHeads()
          else if (step.do === 'begin') begin()
          else {
            if (step.do !== 'resume') timelines.pause()
            if (step.do !== 'pause') timelines.resume()
          }
          await letRun(turns)
        }

        // The weather clears: what was heard of comes by itself, and one comparison finds the rest.
        begin()
        timelines.resume()
        await world.calmDown()
        for (const id of ids) expect(timelines.seq(id)).toBeGreaterThanOrEqual(heard[id] ?? 0)

        const reached = Promise.all(
          world.allHeads().map((head) => timelines.reach(head, comparison(world.timers))),
        )
        await world.calmDown()
        await reached
        expect(world.faults).toEqual([])
        for (const id of ids) {
          const from = expectedStart[id] ?? 0
          const all = Array.from({ length: Math.max(0, (heads[id] ?? 0) - from) }, (_, i) => from + 1 + i)
          expect(world.handedOut[id]).toEqual(all)
          if (heads[id] !== 0) expect(timelines.seq(id)).toBe(heads[id])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('wait a little for an entry that is just behind, and fetch nothing then', async () => {
    const { timelines, timers, handedOut, fetches, heads } = createWorld({})
    heads['a'] = 2
    timelines.resume()
    timelines.take(createEntry('a', 2))
    await settle()
    timelines.take(createEntry('a', 1))
    while (timers.runNext()) await settle()
    expect(handedOut['a']).toEqual([1, 2])
    expect(fetches).toHaveLength(0)
  })

  it('fetch nothing while paused, and go on where they were', async () => {
    const { timelines, timers, handedOut, fetches, answer, heads } = createWorld({})
    heads['a'] = 2
    timelines.take(createEntry('a', 2))
    expect(timers.pending).toBe(0)

    timelines.resume()
    await settle()
    answer(0, 'failed')
    await settle()
    timelines.pause()
    await settle()
    expect(timers.pending).toBe(0)

    timelines.resume()
    await settle()
    answer(0, 'answered')
    await settle()
    expect(handedOut['a']).toEqual([1, 2])
    expect(fetches).toHaveLength(0)
  })

  it('fetch up to the head that the server tells meanwhile', async () => {
    const { timelines, timers, handedOut, calmDown, heads } = createWorld({})
    timelines.resume()
    heads['a'] = 8
    void timelines.reach({ conversationId: 'a', head: 1 }, comparison(timers))
    await calmDown()
    expect(handedOut['a']).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('fill a hole that opens in the very moment in which a fill ends', async () => {
    const { timelines, timers, handedOut, calmDown, heads } = createWorld({}, (seq) => {
      if (seq === 2) void Promise.resolve().then(() => timelines.take(createEntry('a', 4)))
    })
    timelines.resume()
    heads['a'] = 2
    void timelines.reach({ conversationId: 'a', head: 2 }, comparison(timers))
    heads['a'] = 4
    await calmDown()
    expect(handedOut['a']).toEqual([1, 2, 3, 4])
  })

  it('do not wait for another fetch once what was missing has come by itself', async () => {
    const { timelines, heads, timers, fetches, answer } = createWorld({})
    heads['a'] = 1
    timelines.resume()
    const reached = timelines.reach({ conversationId: 'a', head: 1 }, comparison(timers))
    await settle()
    answer(0, 'failed')
    await settle()
    timelines.take(createEntry('a', 1))
    await reached
    expect(timers.pending).toBe(0)
    expect(fetches).toHaveLength(0)
  })

  it('let go of a conversation that the user has left', async () => {
    const onRefused = jest.fn()
    const gone = {
      type: 'urn:parley:problem:conversation-not-found',
      title: 'There is no such conversation among yours',
      status: 404,
      code: 'conversation-not-found',
      correlationId: 'test',
    } as const
    const timelines = createTimelines({
      seqs: {},
      fetchPage: () => Promise.reject(new ParleyClientError(gone)),
      handOut: () => undefined,
      onHoleFilled: () => undefined,
      onRefused,
      limit: createLimiter(1),
      timers: createManualTimers(),
      backoff: () => 1_000,
      graceMs: 0,
    })
    timelines.resume()
    await timelines.reach({ conversationId: 'a', head: 7 }, comparison(createManualTimers()))
    expect(onRefused).toHaveBeenCalledTimes(1)
    expect(timelines.seq('a')).toBe(0)
  })

  it('count what they fetch where it was asked for, and holes apart', async () => {
    const world = createWorld({})
    const { timelines, timers, heads, resyncs } = world
    timelines.resume()
    heads['a'] = 5
    timelines.take(createEntry('a', 2))
    timers.runNext()
    await settle()
    world.answer(0, 'answered')
    await settle()
    // Entry 2 came by itself, so the hole cost two of the three that were fetched.
    expect(timelines.seq('a')).toBe(3)
    const asked = comparison(timers)
    void timelines.reach({ conversationId: 'a', head: 5 }, asked)
    await world.calmDown()
    expect(timelines.seq('a')).toBe(5)
    expect(resyncs[0]).toEqual({ cause: 'hole', conversations: 1, entries: 2, ms: 250 })
    expect(asked.result()).toMatchObject({ cause: 'comparison', conversations: 1 })
    expect((resyncs[0]?.entries ?? 0) + asked.result().entries).toBe(4)
  })
})
