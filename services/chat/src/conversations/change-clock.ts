import { OwnError } from '@parley/platform/own-error.ts'

/**
 * The clock that positions of change come from. A position is a number of milliseconds, but of no wall clock: such a
 * clock may be set back, and what changed afterwards would lie before what clients have compared.
 *
 * Guarantees, whatever the wall clocks of the replicas say or do
 * - It only rises, over restarts too: the store keeps it.
 * - What two replicas are told at the same moment differs by a few seconds at most: less than comparisons overlap.
 *   Each synchronises with the store once a second, while it is asked, and never goes faster than time does.
 * - `stamp` is beyond all that this process was told before.
 *
 * It runs on while it is asked often; after a pause it goes on where it was, and a little. So nobody who comes back
 * can put it further ahead than the others' comparisons overlap.
 */
export interface ChangeClock {
  /** Where changes are now, to compare from later. */
  now(): Promise<number>
  /** The position of a change that is written at once. */
  stamp(): Promise<number>
  /**
   * Writes changes with a position, and again with a later one when that took so long that a comparison may have
   * passed it, such as on a machine that stood still. A crash in between leaves them to the sweep.
   * @param write may run several times: positions only ever move forward
   * @throws Error when it is late each time
   */
  write(write: (changedAt: number) => Promise<void>): Promise<void>
}

/** Keeps the highest of all positions that it is told, and says which that is. */
export type SyncChangeClock = (position: number) => Promise<number>

interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** How long what the store said is relied on. */
const freshMs = 1_000
/** The most that a pause moves the clock on. With `freshMs` it is well below what comparisons overlap. */
const creditMs = 5_000
const lateMs = 5_000
const mostTries = 3

/** In milliseconds. The wall clock only tells that this machine stood still, which the other one may not have seen. */
export interface Clocks {
  readonly monotonic?: () => number
  readonly wall?: () => number
}

export function createChangeClock(
  sync: SyncChangeClock,
  { monotonic = () => performance.now(), wall = Date.now }: Clocks = {},
): ChangeClock {
  /** What the store said last, and when: it was asked, and it answered. */
  let synced: { position: number; asked: Moment; answeredAt: number } | undefined
  let last = 0
  let syncing: Promise<void> | undefined

  const look = (): Moment => ({ monotonic: monotonic(), wall: wall() })
  const since = (then: Moment): number => {
    const now = look()
    return Math.max(now.monotonic - then.monotonic, Math.abs(now.wall - then.wall))
  }

  async function synchronise(): Promise<void> {
    const asked = look()
    const mine =
      synced === undefined ? 0 : synced.position + Math.min(asked.monotonic - synced.answeredAt, creditMs)
    const position = await sync(Math.max(last, Math.floor(mine)))
    synced = { position, asked, answeredAt: monotonic() }
  }

  async function read(): Promise<number> {
    if (synced === undefined || since(synced.asked) >= freshMs) {
      syncing ??= synchronise().finally(() => {
        syncing = undefined
      })
      await syncing
    }
    const { position, answeredAt } = synced!
    return Math.max(last, Math.floor(position + Math.min(monotonic() - answeredAt, freshMs)))
  }

  async function stamp(): Promise<number> {
    const position = await read()
    return (last = Math.max(last + 1, position))
  }

  return {
    async now() {
      try {
        return (last = Math.max(last, await read()))
      } catch (error) {
        // On a full disk reading goes on. Where the clock was is early, and so skips nothing.
        if (synced === undefined) throw error
        return synced.position
      }
    },
    stamp,
    async write(write) {
      for (let tries = 0; tries < mostTries; tries += 1) {
        const begun = look()
        await write(await stamp())
        if (since(begun) < lateMs) return
      }
      throw new OwnError(`changes were not written within ${lateMs} ms, in ${mostTries} tries`)
    },
  }
}
