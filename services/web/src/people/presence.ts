import type { ParleyClient } from '@parley/client/parley-client.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'

/** Who is online, of the people that are watched. */
export interface Presence {
  /** By person; of those who are missing it is not known. */
  readonly online: ReadonlySignal<ReadonlyMap<string, boolean>>
  /** Watches these people instead of those before; the first 200 count. */
  watch(userIds: readonly string[]): void
  /** Nobody tells any more who comes and goes: what was told before is not known any more. */
  forget(): void
}

/** As many as one socket may watch. */
const mostWatched = 200

export function createPresence(client: ParleyClient): Presence {
  const online = signal<ReadonlyMap<string, boolean>>(new Map())
  let watched: ReadonlySet<string> = new Set()

  client.on('presence', ({ userId, online: isOnline }) => {
    if (!watched.has(userId) || online.value.get(userId) === isOnline) return
    online.value = new Map(online.value).set(userId, isOnline)
  })

  return {
    online,
    watch(userIds) {
      const wanted = userIds.slice(0, mostWatched)
      // The order of a list changes with every message; whom to watch does not.
      if (wanted.length === watched.size && wanted.every((id) => watched.has(id))) return
      watched = new Set(wanted)
      // Of the others nobody tells any more.
      online.value = new Map([...online.value].filter(([id]) => watched.has(id)))
      client.presence.watch(wanted)
    },
    forget() {
      if (online.value.size > 0) online.value = new Map()
    },
  }
}

/** What there is to say about it. */
export const presenceText = (online: boolean | undefined): string =>
  online === undefined ? '' : online ? 'online' : 'offline'
