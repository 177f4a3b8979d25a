import * as fc from 'fast-check'
import { createChangeClock, type ChangeClock } from './change-clock.ts'
import type { Change, ConversationStore } from './conversation-store.ts'
import { createGetHeads } from './get-heads.ts'

/** A store in memory, and replicas on it whose clocks the test sets. Real time is `now`. */
function createWorld(count = 2) {
  const world = {
    now: 1_000_000_000,
    position: 1_000_000_000,
    syncs: 0,
    isFull: false,
    offsets: Array(count).fill(0) as number[],
  }
  const changes = new Map<string, Change>()
  const begin = (index: number): ChangeClock =>
    createChangeClock(
      async (position) => {
        world.syncs += 1
        if (world.isFull) throw new Error('full')
        return (world.position = Math.max(world.position, position))
      },
      { monotonic: () => world.now, wall: () => world.now + world.offsets[index]! },
    )
  const clocks = world.offsets.map((_, index) => begin(index))

  const replica = (index: number) => {
    const clock = () => clocks[index]!
    const conversations: Pick<ConversationStore, 'changesFor' | 'now'> = {
      now: () => clock().now(),
      async changesFor(_userId, { after, limit }) {
        const isBehind = (change: Change) =>
          change.changedAt > after.changedAt ||
          (change.changedAt === after.changedAt && change.conversationId > after.conversationId)
        return [...changes.values()]
          .filter(isBehind)
          .toSorted((a, b) => a.changedAt - b.changedAt || (a.conversationId < b.conversationId ? -1 : 1))
          .slice(0, limit)
      },
    }
    return {
      clock,
      getHeads: createGetHeads({ conversations, pageSize: 2 }),
      restart: () => void (clocks[index] = begin(index)),
      /** @param meanwhile happens between taking the position and the moment in which others see the change */
      commit: (conversationId: string, meanwhile: () => Promise<void> = async () => undefined) => {
        const head = (changes.get(conversationId)?.head ?? 0) + 1
        return clock().write(async (changedAt) => {
          await meanwhile()
          const { head: before = 0, changedAt: at = 0 } = changes.get(conversationId) ?? {}
          changes.set(conversationId, {
            conversationId,
            head: Math.max(before, head),
            changedAt: Math.max(at, changedAt),
          })
        })
      },
    }
  }
  return { world, changes, replicas: clocks.map((_, index) => replica(index)) }
}
type World = ReturnType<typeof createWorld>

const hour = 3_600_000

describe('the change clock', () => {
  it('only rises, whatever the wall clock does, and over a restart', async () => {
    const { world, replicas } = createWorld(1)
    const [one] = replicas
    const seen: number[] = []
    for (const offset of [0, hour, -hour, 0, 24 * hour, -24 * hour]) {
      world.offsets[0] = offset
      for (const pause of [0, 1, 900, 3_000]) {
        world.now += pause
        seen.push(await one!.clock().stamp())
      }
      one!.restart()
      world.now += 2_000
    }
    const within = seen.filter((position, index) => index % 4 !== 0 && position <= seen[index - 1]!)
    expect(within).toEqual([])
    // A restart may repeat what the store was not told of yet: a second, which comparisons overlap.
    for (const [index, position] of seen.entries())
      expect(position).toBeGreaterThan((seen[index - 1] ?? 0) - 1_001)
    expect(seen.at(-1)).toBeLessThanOrEqual(world.now + seen.length)
  })

  it('asks the store once a second, however many positions it gives', async () => {
    const { world, replicas } = createWorld(1)
    for (let count = 0; count < 5_000; count += 1) {
      world.now += 1
      await replicas[0]!.clock().stamp()
    }
    expect(world.syncs).toBe(5)
  })

  it('asks again before it gives anything when the machine stood still, or its wall clock was set', async () => {
    const { world, replicas } = createWorld(2)
    const [one, other] = replicas
    await one!.clock().stamp()
    for (let count = 0; count < 100; count += 1) {
      world.now += 1_000
      await other!.clock().stamp()
    }
    world.offsets[0] = -hour
    expect(await one!.clock().stamp()).toBeGreaterThan((await other!.clock().now()) - 5_000)
  })

  it('writes again when writing took so long that a comparison may have passed it', async () => {
    const { world, replicas } = createWorld(2)
    const [one, other] = replicas
    const { getHeads } = other!
    let cursor = (await getHeads('me', undefined)).cursor
    let slow = true
    await one!.commit('late', async () => {
      if (!slow) return
      slow = false
      for (let count = 0; count < 60; count += 1) {
        world.now += 1_000
        cursor = (await getHeads('me', cursor)).cursor
      }
    })
    expect((await getHeads('me', cursor)).heads).toEqual([{ conversationId: 'late', head: 1 }])
  })

  it('gives up a write that is late each time, which leaves it to the sweep', async () => {
    const { world, replicas } = createWorld(1)
    const late = replicas[0]!.commit('late', async () => void (world.now += 10_000))
    await expect(late).rejects.toThrow('changes were not written')
  })

  it('goes on comparing while nothing can be written, and skips nothing afterwards', async () => {
    const { world, replicas } = createWorld(1)
    const [one] = replicas
    const { cursor } = await one!.getHeads('me', undefined)
    world.now += 2_000
    world.isFull = true
    const next = await one!.getHeads('me', cursor)
    await expect(one!.commit('refused')).rejects.toThrow('full')
    world.now += 100_000
    const last = await one!.getHeads('me', next.cursor)
    world.isFull = false
    await one!.commit('kept')
    expect((await one!.getHeads('me', last.cursor)).heads).toEqual([{ conversationId: 'kept', head: 1 }])
  })

  it('law: no comparison skips a change, whatever the wall clocks of the replicas do', async () => {
    type Step =
      | { do: 'commit'; replica: number; conversation: number; meanwhile: (Pass | Compare)[] }
      | Pass
      | Compare
      | { do: 'set clock'; replica: number; offset: number }
      | { do: 'restart'; replica: number }
    type Pass = { do: 'pass'; ms: number }
    type Compare = { do: 'compare'; replica: number; client: number }
    const index = (below: number) => fc.integer({ min: 0, max: below - 1 })
    const pass = fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1, 400, 1_500, 4_000, 29_000, 40_000, hour),
    })
    const compare = fc.record({ do: fc.constant('compare' as const), replica: index(2), client: index(2) })
    const commit = fc.record({
      do: fc.constant('commit' as const),
      replica: index(2),
      conversation: index(5),
      meanwhile: fc.array(fc.oneof(pass, compare), { maxLength: 3 }),
    })
    const setClock = fc.record({
      do: fc.constant('set clock' as const),
      replica: index(2),
      offset: fc.constantFrom(0, 60_000, -60_000, hour, -hour),
    })
    const restart = fc.record({ do: fc.constant('restart' as const), replica: index(2) })
    const steps = fc.array(fc.oneof({ weight: 4, arbitrary: commit }, pass, compare, setClock, restart), {
      maxLength: 40,
    })

    async function compareBy({ replicas }: World, replica: number, client: Client): Promise<void> {
      let cursor = client.cursor
      for (let more = true; more;) {
        const page = await replicas[replica]!.getHeads('me', cursor)
        for (const { conversationId, head } of page.heads) client.heads.set(conversationId, head)
        ;({ cursor, more } = page)
      }
      client.cursor = cursor
    }
    interface Client {
      cursor: string | undefined
      readonly heads: Map<string, number>
    }

    await fc.assert(
      fc.asyncProperty(steps, async (todo: Step[]) => {
        const world = createWorld(2)
        const clients = [0, 1].map((): Client => ({ cursor: undefined, heads: new Map() }))
        async function run(step: Step): Promise<void> {
          if (step.do === 'pass') world.world.now += step.ms
          if (step.do === 'compare') await compareBy(world, step.replica, clients[step.client]!)
          if (step.do === 'set clock') world.world.offsets[step.replica] = step.offset
          if (step.do === 'restart') world.replicas[step.replica]!.restart()
          if (step.do !== 'commit') return
          const { replica, conversation, meanwhile } = step
          const all = async () => {
            for (const each of meanwhile) await run(each)
          }
          // A write that is late each time is for the sweep, as after a crash.
          await world.replicas[replica]!.commit(String(conversation), all).catch(() =>
            world.replicas[replica]!.commit(String(conversation)),
          )
        }
        for (const step of todo) await run(step)
        for (const client of clients) {
          await compareBy(world, 0, client)
          const stored = [...world.changes.values()].map(
            ({ conversationId, head }) => [conversationId, head] as const,
          )
          expect(client.heads).toEqual(new Map(stored))
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
