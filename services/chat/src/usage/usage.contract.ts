import { randomUUID } from 'node:crypto'
import { createRecordingLogger, createSilentLogger } from '@parley/testing/silent-logger.ts'
import { eventually } from '@parley/testing/eventually.ts'
import type { ChatStores } from '../stores.ts'
import { createUsage, type Usage } from './usage.ts'

/** How much users have stored, on every adapter, and as two replicas count it. */
export function describeUsage(openTwo: () => Promise<[ChatStores, ChatStores]>): void {
  describe('usage', () => {
    let replicas: [ChatStores, ChatStores]
    let time: number
    const counting: Usage[] = []
    beforeEach(async () => {
      time = 0
      replicas = await openTwo()
    })
    afterEach(async () => {
      await Promise.all(counting.splice(0).map((usage) => usage.close()))
      await Promise.all(replicas.map((each) => each.close()))
    })

    function count(
      nth: 0 | 1,
      { limit = 1_000, everyMs = 10, store = replicas[nth].usage, logger = createSilentLogger() } = {},
    ): Usage {
      const usage = createUsage({ store, limit, logger, everyMs, freshMs: 60_000, now: () => time })
      counting.push(usage)
      return usage
    }
    const kept = (userId: string) => replicas[1].usage.bytesOf(userId)

    it('keeps a number for each user, to which replicas add at the same time', async () => {
      const [alice, bob, carol] = [randomUUID(), randomUUID(), randomUUID()]
      expect(await kept(alice)).toBe(0)
      const large = 6 * 1024 ** 4
      const additions = replicas.flatMap(({ usage }) =>
        Array.from({ length: 5 }, () =>
          usage.add(
            new Map([
              [alice, 7],
              [bob, large],
            ]),
          ),
        ),
      )
      await Promise.all(additions)
      expect(await Promise.all([alice, bob, carol].map(kept))).toEqual([70, 10 * large, 0])
    })

    it('writes what a process has added up, and has room for no more than the limit', async () => {
      const [alice, bob] = [randomUUID(), randomUUID()]
      const usage = count(0)
      expect(await usage.hasRoom(alice, 1_001)).toBe(false)
      expect(await usage.hasRoom(alice, 1_000)).toBe(true)
      for (const bytes of [300, 300, 300]) usage.add(alice, bytes)
      usage.add(bob, 1)
      expect(await usage.hasRoom(alice, 101)).toBe(false)
      expect(await usage.hasRoom(alice, 100)).toBe(true)
      await eventually(async () => expect(await Promise.all([alice, bob].map(kept))).toEqual([900, 1]))
      usage.add(alice, 50)
      await eventually(async () => expect(await kept(alice)).toBe(950))
      expect(await usage.hasRoom(alice, 51)).toBe(false)
      expect(await usage.hasRoom(alice, 50)).toBe(true)
    })

    it('goes on with what an earlier run has written when it was closed', async () => {
      const alice = randomUUID()
      const earlier = count(0, { everyMs: 60_000 })
      earlier.add(alice, 900)
      await earlier.close()
      expect(await count(0).hasRoom(alice, 101)).toBe(false)
    })

    it('hears of other replicas within a minute', async () => {
      const alice = randomUUID()
      const [one, other] = [count(0), count(1)]
      expect(await one.hasRoom(alice, 1_000)).toBe(true)
      other.add(alice, 1_000)
      await eventually(async () => expect(await kept(alice)).toBe(1_000))
      expect(await one.hasRoom(alice, 1)).toBe(true)
      time = 60_001
      await eventually(async () => expect(await one.hasRoom(alice, 1)).toBe(false))
    })

    it('counts once what is added while a number is read', async () => {
      const alice = randomUUID()
      const usage = count(0, { limit: 1_000_000, everyMs: 1 })
      for (let round = 1; round <= 50; round += 1) {
        // Each time it is read again, while what was added before is written.
        time += 60_001
        const asked = usage.hasRoom(alice, 1)
        usage.add(alice, 10)
        await asked
        usage.add(alice, 10)
        await new Promise(setImmediate)
      }
      await eventually(async () => expect(await kept(alice)).toBe(1_000))
      time += 60_001
      await usage.hasRoom(alice, 1)
      await eventually(async () => expect(await usage.hasRoom(alice, 999_001)).toBe(false))
      expect(await usage.hasRoom(alice, 999_000)).toBe(true)
    })

    it('goes on after a write that failed, and counts nothing twice', async () => {
      const alice = randomUUID()
      const { usage: store } = replicas[0]
      const { logger, lines } = createRecordingLogger()
      let failures = 0
      const usage = count(0, {
        logger,
        store: {
          bytesOf: (userId) => store.bytesOf(userId),
          // The worst of it: it was done, and says that it was not.
          async add(bytes) {
            await store.add(bytes)
            failures += 1
            if (failures === 1) throw new Error('the answer was lost')
          },
        },
      })
      usage.add(alice, 100)
      await eventually(() => expect(lines).toHaveLength(1))
      usage.add(alice, 5)
      await eventually(async () => expect(await kept(alice)).toBe(105))
    })
  })
}
