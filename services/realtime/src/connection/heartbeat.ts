import type { Connection } from './close-reason.ts'
import { innards } from './innards.ts'

/** Nothing for Engine.IO to act upon. */
const ignored = 'noop'

/**
 * Makes a pong count only as the answer to a ping, and only once the ping has left: a ping behind what a client does not
 * read cannot have been answered. Engine.IO takes any pong at any time for a sign of life, and puts the next ping off
 * for it, so a client that reads nothing could stay for ever by writing three bytes now and then.
 */
export function requirePings(connection: Connection): void {
  connection.on('packet', (packet: { type: string }) => {
    if (packet.type !== 'pong') return
    const { pingTimeoutTimer, writeBuffer } = innards(connection)
    if (pingTimeoutTimer === null || writeBuffer.some(({ type }) => type === 'ping')) packet.type = ignored
  })
}
