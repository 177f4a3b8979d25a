import type { ClientToServerEvents, ServerToClientEvents } from '@parley/contracts/socket.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'

export interface SocketData {
  /** Set by the handshake, renewed by `session:refresh`. */
  caller: Caller
}

export type ParleyServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>
export type ParleySocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>
