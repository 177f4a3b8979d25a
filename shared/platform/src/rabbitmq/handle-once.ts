import type { Event } from '@parley/contracts/events.ts'
import { createRecentIds } from '../events/recent-ids.ts'

/** More than can be on its way to one subscription: its prefetch, and the windows that a relay repeats. */
const rememberedEvents = 10_000

/**
 * A handler that is called once for an event, by its id, as far as memory reaches. A copy that comes while
 * the first is under way (a connection was lost, and handlers run on) waits for how that ends. Only success
 * is remembered.
 * @returns resolves to whether the handler was called, and rejects as it does
 */
export function handleOnce(
  handle: (event: Event) => Promise<void> | void,
): (event: Event) => Promise<boolean> {
  const handled = createRecentIds(rememberedEvents)
  const underWay = new Map<string, Promise<void>>()

  return async (event) => {
    const { id } = event
    for (let other = underWay.get(id); other !== undefined; other = underWay.get(id)) await other
    if (handled.has(id)) return false
    const ended = Promise.withResolvers<void>()
    underWay.set(id, ended.promise)
    try {
      await handle(event)
      handled.add(id)
      return true
    } finally {
      underWay.delete(id)
      ended.resolve()
    }
  }
}
