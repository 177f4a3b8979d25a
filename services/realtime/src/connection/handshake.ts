import { randomUUID } from 'node:crypto'
import { handshakeAuth } from '@parley/contracts/socket.ts'
import type { Logger } from '@parley/platform/log.ts'
import { isOurFault, ParleyError, parseOrThrow, toProblem } from '@parley/platform/parley-error.ts'
import type { Caller, VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import { closeWith } from './close-reason.ts'
import type { EnterRooms } from './enter-rooms.ts'
import type { ParleySocket } from './parley-socket.ts'
import { sessionRoom, userRoom } from './rooms.ts'
import type { SocketPlaces } from './socket-places.ts'

/** Socket.IO middleware: a socket gets past it only with a valid access token. */
export type Handshake = (socket: ParleySocket, proceed: (refusal?: Error) => void) => void

/**
 * A client that is told that it is connected hears from then on all that its rooms are told, so what it
 * reads from chat next leaves no gap. A refused client gets `connect_error` with the problem in `err.data`.
 * A connection has one try: a second one, before or after the verdict, closes it, so that nobody tests tokens
 * or opens several sockets over one connection.
 */
export function createHandshake({
  verifyToken,
  places,
  enterRooms,
  logger,
  metrics,
}: {
  verifyToken: VerifyToken
  places: Pick<SocketPlaces, 'admit'>
  enterRooms: EnterRooms
  logger: Logger
  metrics: GatewayMetrics
}): Handshake {
  const tried = new WeakSet<ParleySocket['conn']>()

  async function identify(auth: Record<string, unknown>): Promise<Caller> {
    if (auth['token'] === undefined) {
      throw new ParleyError('token-missing', { detail: 'Connect with `auth: { token }`.' })
    }
    const { token } = parseOrThrow(handshakeAuth, auth, 'auth')
    return await verifyToken(token)
  }

  function refusal(error: unknown): Error {
    const problem = toProblem(error, randomUUID())
    const { code, correlationId } = problem
    metrics.refusedHandshakes.inc({ code })
    if (isOurFault(error)) logger.error({ err: error, correlationId }, 'handshake failed')
    return Object.assign(new Error(code), { data: problem })
  }

  /** Resolves to why not. */
  async function admit(socket: ParleySocket): Promise<Error | undefined> {
    try {
      const caller = await identify(socket.handshake.auth)
      places.admit(socket.request.socket, caller.userId)
      socket.data.caller = caller
      await enterRooms(socket, [userRoom(caller.userId), sessionRoom(caller.sessionId)])
      return undefined
    } catch (error) {
      return refusal(error)
    }
  }

  return (socket, proceed) => {
    const { conn } = socket
    if (tried.has(conn)) {
      closeWith(conn, 'second-handshake')
      return
    }
    tried.add(conn)
    void admit(socket).then(proceed)
  }
}
