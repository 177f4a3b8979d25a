import type { HeadsResponse } from '@parley/contracts/conversations.ts'
import { ParleyClientError } from '../client-error.ts'
import { createManualTimers, settle } from '../testing/manual-timers.ts'
import { problemFor } from '../testing/protocol-server.ts'
import { createCatchUp } from './catch-up.ts'
import { createEpoch } from './epoch.ts'
import type { Resync } from './resync.ts'
import type { Head, Timelines } from './timelines.ts'

type Answer = HeadsResponse | ParleyClientError

/** A comparison against prepared answers, and timelines whose fills end when the test says so. */
function createWorld({ begun = true, answers }: { begun?: boolean; answers: Answer[] }) {
  const timers = createManualTimers()
  const asked: (string | undefined)[] = []
  const reached: Head[] = []
  const failures: unknown[] = []
  const resyncs: Resync[] = []
  let begunWith: readonly Head[] | undefined
  const fills: (() => void)[] = []

  const timelines: Pick<Timelines, 'begun' | 'begin' | 'reach'> = {
    get begun() {
      return begun || begunWith !== undefined
    },
    begin: (heads) => void (begunWith = heads),
    reach(head, count) {
      reached.push(head)
      count.add(head.conversationId)
      return new Promise((resolve) => fills.push(resolve))
    },
  }
  const catchUp = createCatchUp({
    cursor: begun ? 'c0' : undefined,
    epoch: createEpoch({ epoch: undefined, onRestart: () => undefined }),
    async getHeads(cursor) {
      asked.push(cursor)
      await settle()
      const answer = answers.shift() ?? { heads: [], cursor: 'end', more: false }
      if (answer instanceof Error) throw answer
      return answer
    },
    timelines: timelines as Timelines,
    onResync: (resync) => resyncs.push(resync),
    onFailure: (error) => failures.push(error),
    timers,
    backoff: () => 100,
  })
  const fillAll = (): void => {
    for (const fill of fills) fill()
  }
  return { catchUp, timers, asked, reached, failures, resyncs, fillAll, begunWith: () => begunWith }
}

const page = (ids: string[], cursor: string, more = false): HeadsResponse => ({
  heads: ids.map((conversationId) => ({ conversationId, head: 1 })),
  cursor,
  more,
})

/** Long enough for two pages. */
async function settleTwice(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await settle()
}

describe('catching up', () => {
  it('reads all pages, and moves the cursor only when all holes are filled', async () => {
    const world = createWorld({ answers: [page(['a', 'b'], 'c1', true), page(['c'], 'c2')] })
    const done = world.catchUp.run(new AbortController().signal, 'reconnect')
    await settleTwice()
    expect(world.asked).toEqual(['c0', 'c1'])
    expect(world.reached.map(({ conversationId }) => conversationId)).toEqual(['a', 'b', 'c'])
    expect(world.catchUp.cursor).toBe('c0')
    world.fillAll()
    await done
    expect(world.catchUp.cursor).toBe('c2')
  })

  it('leaves the cursor where it was when it is broken off', async () => {
    const world = createWorld({ answers: [page(['a'], 'c1')] })
    const abort = new AbortController()
    const done = world.catchUp.run(abort.signal, 'reconnect')
    await settleTwice()
    abort.abort()
    world.fillAll()
    await done
    expect(world.catchUp.cursor).toBe('c0')
    // What it brought until then is not forgotten.
    expect(world.resyncs).toMatchObject([{ conversations: 1, entries: 1 }])
  })

  it('begins at the first heads, all pages of them', async () => {
    const world = createWorld({
      begun: false,
      answers: [page(['a'], 'c1', true), page(['b'], 'c2')],
    })
    const done = world.catchUp.run(new AbortController().signal, 'reconnect')
    await settleTwice()
    world.fillAll()
    await done
    expect(world.asked).toEqual([undefined, 'c1'])
    expect(world.begunWith()?.map(({ conversationId }) => conversationId)).toEqual(['a', 'b'])
  })

  it('tries again while the server is away', async () => {
    const world = createWorld({ answers: [new ParleyClientError('unavailable'), page([], 'c1')] })
    const done = world.catchUp.run(new AbortController().signal, 'reconnect')
    await settleTwice()
    world.timers.runNext()
    await done
    expect(world.asked).toEqual(['c0', 'c0'])
    expect(world.resyncs).toEqual([{ cause: 'reconnect', conversations: 0, entries: 0, ms: 100 }])
    expect(world.failures).toHaveLength(1)
  })

  it('compares everything when its cursor is refused', async () => {
    const world = createWorld({
      answers: [new ParleyClientError(problemFor('validation-failed')), page([], 'c1')],
    })
    const done = world.catchUp.run(new AbortController().signal, 'reconnect')
    await settleTwice()
    world.timers.runNext()
    await done
    expect(world.asked).toEqual(['c0', undefined])
    expect(world.catchUp.cursor).toBe('c1')
  })

  it('says nothing about a comparison that found nothing', async () => {
    const world = createWorld({ answers: [page([], 'c1'), page(['a'], 'c2')] })
    await world.catchUp.run(new AbortController().signal, 'comparison')
    expect(world.resyncs).toEqual([])

    const found = world.catchUp.run(new AbortController().signal, 'comparison')
    await settleTwice()
    world.fillAll()
    await found
    expect(world.resyncs).toEqual([{ cause: 'comparison', conversations: 1, entries: 1, ms: 0 }])
  })
})
