import type { ParleyClient } from '@parley/client/parley-client.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'

/** Who is online, of the people that are watched. */
export interface Presence {
  readonly online: ReadonlySignal<ReadonlySet<string>>
  /** Watches these people instead of those before; the first 200 count. */
  watch(userIds: readonly string[]): void
}

/** As many as one socket may watch. */
const mostWatched = 200

export function createPresence(client: ParleyClient): Presence {
  const online = signal<ReadonlySet<string>>(new Set())
  let watched = ''

  client.on('presence', ({ userId, online: isOnline }) => {
    if (online.value.has(userId) === isOnline) return
    const next = new Set(online.value)
    if (isOnline) next.add(userId)
    else next.delete(userId)
    online.value = next
  })

  return {
    online,
    watch(userIds) {
      const wanted = userIds.slice(0, mostWatched)
      // The order of a list changes with every message; whom to watch does not.
      const key = wanted.toSorted().join()
      if (key === watched) return
      watched = key
      client.presence.watch(wanted)
    },
  }
}
