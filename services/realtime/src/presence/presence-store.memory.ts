import type { PresenceStore, PresentConnection } from './presence-store.ts'

/**
 * The presence of one process.
 * @param ttlMs how long a record lives without a refresh
 * @param now the clock, in milliseconds
 */
export function createMemoryPresenceStore({
  ttlMs,
  now = () => performance.now(),
}: {
  ttlMs: number
  now?: () => number
}): PresenceStore {
  /** By user, when each of the connections lapses; the one that lapses first is first, as all live equally long. */
  const users = new Map<string, Map<string, number>>()

  /** Drops what has lapsed, and looks no further: a heartbeat comes here for each of a user's connections. */
  function isOnline(userId: string): boolean {
    const connections = users.get(userId)
    if (connections === undefined) return false
    const time = now()
    for (const [connectionId, lapsesAt] of connections) {
      if (lapsesAt > time) return true
      connections.delete(connectionId)
    }
    users.delete(userId)
    return false
  }

  function keep({ userId, connectionId }: PresentConnection): boolean {
    const wasOnline = isOnline(userId)
    const connections = users.get(userId) ?? new Map<string, number>()
    // Anew, so that it is the last one.
    connections.delete(connectionId)
    users.set(userId, connections.set(connectionId, now() + ttlMs))
    return !wasOnline
  }

  return {
    async connected(connection) {
      return keep(connection)
    },
    async refresh(connections) {
      return connections.filter(keep).map(({ userId }) => userId)
    },
    async disconnected({ userId, connectionId }) {
      users.get(userId)?.delete(connectionId)
      return !isOnline(userId)
    },
    async online(userIds) {
      return new Set(userIds.filter(isOnline))
    },
  }
}
