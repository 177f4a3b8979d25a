/** What waits in this process for clients that do not read, all of them together. */
export interface WaitingBytes<C> {
  /** So many bytes wait for it now. May cut connections, this one among them. */
  note(connection: C, bytes: number): void
  /** It is gone, and what waited for it. */
  forget(connection: C): void
}

/** Cut down to this part of the budget, so that the next byte does not have all of them measured again. */
const relief = 7 / 8

/**
 * Guarantee: no more than `most` bytes wait at a time, apart from the first packet for each connection, which goes to
 * the operating system without waiting. Beyond that the user for whom most waits loses the largest connection, and so
 * on: however many sockets somebody spreads it over, those of others stay.
 *
 * Costs nothing for those who read. What was noted may be less by now; all are measured only when it seems too much.
 *
 * @param measure how much waits for a connection now
 * @param cut has to drop all of it
 */
export function createWaitingBytes<C extends object>({
  most,
  measure,
  ownerOf,
  cut,
}: {
  most: number
  measure: (connection: C) => number
  ownerOf: (connection: C) => unknown
  cut: (connection: C) => void
}): WaitingBytes<C> {
  const noted = new Map<C, number>()
  /** Never less than what waits. */
  let total = 0

  function forget(connection: C): void {
    total -= noted.get(connection) ?? 0
    noted.delete(connection)
  }

  function note(connection: C, bytes: number): void {
    total += bytes - (noted.get(connection) ?? 0)
    noted.set(connection, bytes)
    if (total > most) shed()
  }

  /** Measures all anew, and cuts the worst as long as it is too much. */
  function shed(): void {
    const owners = new Map<unknown, { bytes: number; connections: { connection: C; bytes: number }[] }>()
    total = 0
    for (const connection of noted.keys()) {
      const bytes = measure(connection)
      if (bytes === 0) {
        noted.delete(connection)
        continue
      }
      noted.set(connection, bytes)
      total += bytes
      const key = ownerOf(connection)
      const owner = owners.get(key) ?? { bytes: 0, connections: [] }
      owners.set(key, owner)
      owner.bytes += bytes
      owner.connections.push({ connection, bytes })
    }
    if (total <= most) return
    for (const owner of owners.values()) owner.connections.sort((a, b) => a.bytes - b.bytes)
    while (total > most * relief) {
      const worst = [...owners.values()].reduce((a, b) => (b.bytes > a.bytes ? b : a))
      const { connection, bytes } = worst.connections.pop()!
      worst.bytes -= bytes
      forget(connection)
      cut(connection)
    }
  }

  return { note, forget }
}
