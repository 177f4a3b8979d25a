import type { Backplane } from '../backplane.ts'
import type { ParleyServer } from '../connection/parley-socket.ts'

/** So many clients of one gateway compare heads in a second: each asks chat once. */
const comparisonsPerSecond = 500
const leastMs = 1_000
/** Not later than clients compare by themselves. */
const mostMs = 30_000

/** Within what time so many clients should compare, so that they do not all do it at once. */
export const spreadMs = (clients: number): number =>
  Math.min(mostMs, Math.max(leastMs, (clients * 1_000) / comparisonsPerSecond))

/**
 * Tells clients that they may have missed something, once this gateway reaches the others again: what those emitted
 * meanwhile was not heard here. Their clients are told as well, unless this is the beginning: what this gateway emitted
 * may have been heard by nobody, for Redis takes it without an error when it has just stopped being the master.
 *
 * Guarantee: what went by an outage of the backplane is missed for no longer than `spreadMs` after its end, whatever
 * anybody remembers. `repeatAfterOutage` brings most of it sooner, and brings what is in no timeline: receipts, and
 * the ends of sessions.
 */
export function tellBehind({
  io,
  backplane,
}: {
  io: ParleyServer
  backplane: Pick<Backplane, 'available' | 'onChange'>
}): void {
  let hasBeenAvailable = backplane.available()

  backplane.onChange((available) => {
    if (!available) return
    const whose = hasBeenAvailable ? io : io.local
    hasBeenAvailable = true
    whose.emit('timeline:behind', { withinMs: spreadMs(io.sockets.sockets.size) })
  })
}
