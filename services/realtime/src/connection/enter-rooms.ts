import type { ParleySocket } from './parley-socket.ts'

/**
 * Puts a socket into rooms, and resolves once it hears what any gateway tells them from then on. Not `socket.join`,
 * which waits for nothing: beyond some ten rooms what others emit in the next milliseconds is missed. Whoever enters
 * rooms says so to the client only afterwards, and reads what is there only afterwards.
 */
export type EnterRooms = (socket: ParleySocket, rooms: readonly string[]) => Promise<void>

/** @param joined resolves once the rooms that were entered so far hear what other gateways emit; at once without any */
export const createRoomEntry =
  (joined: () => Promise<void> = () => Promise.resolve()): EnterRooms =>
  async (socket, rooms) => {
    await socket.join([...rooms])
    await joined()
  }
