import { type CloseReason, closeReasons } from '@parley/contracts/socket.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import type { ParleySocket } from './parley-socket.ts'

/** An Engine.IO connection: one websocket, with or without a valid token. */
export type Connection = ParleySocket['conn']

/** Where Engine.IO closes the websocket. It gives no code and no reason, which clients hear as 1005. */
interface Innards {
  readonly transport: {
    readonly socket: { close(code: number, reason: string): void }
    doClose(done?: () => void): void
  }
}

const reasons = new WeakMap<Connection, CloseReason>()
const admitted = new WeakSet<Connection>()

/** The connection has shown a valid token. */
export const noteAdmitted = (connection: Connection): void => void admitted.add(connection)

/** Says why, ahead of a close that somebody else is about to do. The first reason is the one that counts. */
export function giveReason(connection: Connection, reason: CloseReason): void {
  if (!reasons.has(connection)) reasons.set(connection, reason)
}

/** Closes a connection after what waits for it was sent. */
export function closeWith(connection: Connection, reason: CloseReason): void {
  giveReason(connection, reason)
  connection.close()
}

/** From now on every close that the gateway makes has a code and a reason, and is counted. */
export function explainClosing(connection: Connection, metrics: GatewayMetrics): void {
  connection.on('packet', ({ type }: { type: string }) => {
    // Nothing that a client may send; Engine.IO closes the connection next.
    if (type === 'error' || type === 'ping') giveReason(connection, 'malformed-packet')
  })
  const { transport } = connection as unknown as Innards
  transport.doClose = (done) => {
    const reason = reasons.get(connection) ?? guess(connection)
    metrics.closed.inc({ cause: reason })
    transport.socket.close(closeReasons[reason], reason)
    done?.()
  }
}

/** Engine.IO and Socket.IO close by themselves, too: what they do not answer, and what they cannot read. */
function guess(connection: Connection): CloseReason {
  if (!admitted.has(connection)) return 'handshake-timeout'
  return connection.readyState === 'closed' ? 'ping-timeout' : 'malformed-packet'
}
