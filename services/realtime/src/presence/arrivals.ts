import type { Logger } from '@parley/platform/log.ts'
import type { ParleyServer, ParleySocket } from '../connection/parley-socket.ts'
import { presenceRoom } from '../connection/rooms.ts'
import { isOutage, type PresenceStore, type PresentConnection } from './presence-store.ts'

/** Puts this gateway's sockets into the presence store, and tells those who watch a user of each change. */
export interface Arrivals {
  start(): void
  track(socket: ParleySocket): void
  /** Does now what every heartbeat does: puts all sockets of this gateway into the store again. */
  refresh(): Promise<void>
  /**
   * Stops, and leaves the records of open sockets to lapse: their users are about to come back over another
   * gateway, and nobody should see them go for that.
   */
  close(): Promise<void>
}

/**
 * @param heartbeatMs time between two refreshes; well below the lifetime of a record
 * @param graceMs how long a user may be without a connection before it counts
 */
export function createArrivals({
  io,
  store,
  logger,
  heartbeatMs,
  graceMs,
}: {
  io: ParleyServer
  store: PresenceStore
  logger: Logger
  heartbeatMs: number
  graceMs: number
}): Arrivals {
  const present = new Map<PresentConnection, { arrival: Promise<void>; leaving?: NodeJS.Timeout }>()
  const departures = new Set<Promise<void>>()
  let heartbeat: NodeJS.Timeout | undefined
  let closed = false

  function announce(userId: string, online: boolean): void {
    io.to(presenceRoom(userId)).emit('presence', { userId, online })
  }

  /** Presence is a hint: when the store fails, the next heartbeat or lapse puts it right. */
  async function attempt(update: () => Promise<void>): Promise<void> {
    try {
      await update()
    } catch (error) {
      logger[isOutage(error) ? 'debug' : 'error']({ err: error }, 'presence not updated')
    }
  }

  const arrive = (connection: PresentConnection): Promise<void> =>
    attempt(async () => {
      if (await store.connected(connection)) announce(connection.userId, true)
    })

  const depart = (connection: PresentConnection, arrival: Promise<void>): Promise<void> =>
    attempt(async () => {
      await arrival
      present.delete(connection)
      if (await store.disconnected(connection)) announce(connection.userId, false)
    })

  const refresh = (): Promise<void> =>
    attempt(async () => {
      if (closed) return
      for (const userId of await store.refresh([...present.keys()])) announce(userId, true)
    })

  return {
    start() {
      heartbeat = setInterval(() => void refresh(), heartbeatMs)
      heartbeat.unref()
    },

    track(socket) {
      const connection = { userId: socket.data.caller.userId, connectionId: socket.id }
      const arrival = arrive(connection)
      present.set(connection, { arrival })
      socket.once('disconnect', () => {
        if (closed) return
        const leaving = setTimeout(() => {
          const departure = depart(connection, arrival)
          departures.add(departure)
          void departure.finally(() => departures.delete(departure))
        }, graceMs)
        present.set(connection, { arrival, leaving })
      })
    },

    refresh,

    async close() {
      closed = true
      clearInterval(heartbeat)
      const known = [...present.values()]
      for (const { leaving } of known) clearTimeout(leaving)
      await Promise.all([...known.map(({ arrival }) => arrival), ...departures])
    },
  }
}
