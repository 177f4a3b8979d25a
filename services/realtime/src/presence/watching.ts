import type { TokenBuckets } from '@parley/platform/limits/token-buckets.ts'
import type { Logger } from '@parley/platform/log.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { EventHandlers } from '../connection/answer-events.ts'
import type { EnterRooms } from '../connection/enter-rooms.ts'
import type { ParleyServer, ParleySocket } from '../connection/parley-socket.ts'
import { presenceRoom } from '../connection/rooms.ts'
import { isOutage, type PresenceStore } from './presence-store.ts'

/**
 * Whom the sockets of this gateway watch. Changes reach them as announcements to rooms, which may get lost
 * on the way, and nobody announces that a killed gateway's records have lapsed. So the gateway asks the
 * store about everybody who is watched here from time to time, and tells its own sockets what differs from
 * what it last read there. They may hear the same thing twice.
 */
export interface Watching {
  start(): void
  track(socket: ParleySocket): void
  /**
   * Replaces what the socket watched before. Resolves to who of them is online.
   * @throws ParleyError `rate-limited`; the socket watches those before then
   */
  readonly watch: EventHandlers['presence:watch']
  close(): void
}

export function createWatching({
  io,
  store,
  enterRooms,
  logger,
  recheckMs,
  ids,
}: {
  io: ParleyServer
  store: PresenceStore
  enterRooms: EnterRooms
  logger: Logger
  recheckMs: number
  /** What a user may ask, over all sockets: each of the people costs a subscription and a look into the store. */
  ids: TokenBuckets
}): Watching {
  const watchedBy = new Map<ParleySocket, ReadonlySet<string>>()
  const watched = new Map<string, { watchers: number; online: boolean }>()
  let timer: NodeJS.Timeout | undefined

  /** Counts at once; which rooms the socket is in follows. */
  function replace(socket: ParleySocket, wanted: ReadonlySet<string>): ReadonlySet<string> {
    const before = watchedBy.get(socket) ?? new Set()
    watchedBy.set(socket, wanted)
    for (const userId of wanted) {
      const user = watched.get(userId) ?? { watchers: 0, online: false }
      user.watchers += 1
      watched.set(userId, user)
    }
    for (const userId of before) {
      const user = watched.get(userId)
      if (user !== undefined && --user.watchers === 0) watched.delete(userId)
    }
    return before
  }

  async function recheck(): Promise<void> {
    const userIds = [...watched.keys()]
    if (userIds.length === 0) return
    const online = await store.online(userIds)
    for (const userId of userIds) {
      const user = watched.get(userId)
      if (user === undefined || user.online === online.has(userId)) continue
      user.online = !user.online
      io.local.to(presenceRoom(userId)).emit('presence', { userId, online: user.online })
    }
  }

  return {
    start() {
      timer = setInterval(() => {
        recheck().catch((error: unknown) => {
          logger[isOutage(error) ? 'debug' : 'error']({ err: error }, 'presence not rechecked')
        })
      }, recheckMs)
      timer.unref()
    },

    track(socket) {
      socket.once('disconnect', () => {
        replace(socket, new Set())
        watchedBy.delete(socket)
      })
    },

    async watch(socket, { userIds }) {
      const waitMs = ids.take(socket.data.caller.userId, userIds.length)
      if (waitMs > 0) throw new ParleyError('rate-limited', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
      const wanted = new Set(userIds)
      const before = replace(socket, wanted)
      const left = [...before].filter((userId) => !wanted.has(userId))
      // Join before asking, so that no change falls between the answer and the first announcement.
      await Promise.all([
        enterRooms(socket, [...wanted].map(presenceRoom)),
        ...left.map((userId) => socket.leave(presenceRoom(userId))),
      ])
      const online = await store.online([...wanted])
      const presence = [...wanted].map((userId) => ({ userId, online: online.has(userId) }))
      for (const { userId, online } of presence) {
        const user = watched.get(userId)
        if (user !== undefined) user.online = online
      }
      return { presence }
    },

    close() {
      clearInterval(timer)
    },
  }
}
