import type { EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import type { SessionEndReason } from '@parley/contracts/sessions.ts'
import { giveReason } from './close-reason.ts'
import type { ParleyServer, ParleySocket } from './parley-socket.ts'
import { sessionRoom, userRoom } from './rooms.ts'

function end(socket: ParleySocket, reason: SessionEndReason): void {
  giveReason(socket.conn, 'session-ended')
  socket.emit('session:ended', { reason })
  socket.disconnect(true)
}

/**
 * Ends this gateway's sockets of each session that it learns has ended, however it learns of it. What comes from the
 * queue that gateways share ends them too, if Redis carries it there; this needs nobody else.
 */
export function endSockets({ io, ended }: { io: ParleyServer; ended: EndedSessions }): {
  /** Ends a socket whose session ended while it was shaking hands. Returns whether it did. */
  check(socket: ParleySocket): boolean
} {
  const { sockets, adapter } = io.of('/')
  const isOver = ({ data }: ParleySocket): boolean => ended.has(data.caller)

  function endIn(room: string, reason: SessionEndReason): void {
    for (const id of adapter.rooms.get(room) ?? []) {
      const socket = sockets.get(id)
      if (socket !== undefined && isOver(socket)) end(socket, reason)
    }
  }

  ended.onAdded(({ sessionId, userId, startedBefore, reason = 'logout' }) => {
    endIn(sessionRoom(sessionId), reason)
    if (startedBefore !== undefined) endIn(userRoom(userId), reason)
  })

  return {
    check(socket) {
      if (!isOver(socket)) return false
      end(socket, 'logout')
      return true
    },
  }
}
