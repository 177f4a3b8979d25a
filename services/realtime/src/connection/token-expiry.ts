import { ParleyError } from '@parley/platform/parley-error.ts'
import type { VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { EventHandlers } from './answer-events.ts'
import { giveReason } from './close-reason.ts'
import type { ParleySocket } from './parley-socket.ts'

/** `setTimeout` takes anything longer as "now". */
const longestTimeoutMs = 2 ** 31 - 1

/**
 * A token is checked once, at the handshake; what makes it expire on an open socket is this. How long it has still to
 * go is read from the clock once, and then passes as time does, to whatever somebody sets the clock meanwhile.
 */
export interface TokenExpiry {
  /** Ends the socket when its token expires, unless it is refreshed before. */
  watch(socket: ParleySocket): void
  /**
   * Goes on with a newer token.
   * @throws ParleyError `token-invalid` (also for a token of another user or session) or `token-expired`
   */
  readonly refresh: EventHandlers['session:refresh']
}

function end(socket: ParleySocket): void {
  giveReason(socket.conn, 'token-expired')
  socket.emit('session:ended', { reason: 'token-expired' })
  socket.disconnect(true)
}

export function createTokenExpiry({ verifyToken }: { verifyToken: VerifyToken }): TokenExpiry {
  /** By the time that passes: when the token of each socket expires. */
  const deadlines = new WeakMap<ParleySocket, number>()
  const goOn = (socket: ParleySocket): void =>
    void deadlines.set(socket, performance.now() + socket.data.caller.expiresAt - Date.now())

  return {
    watch(socket) {
      let timer: NodeJS.Timeout | undefined
      goOn(socket)
      function check(): void {
        const remainingMs = deadlines.get(socket)! - performance.now()
        if (remainingMs <= 0) return end(socket)
        timer = setTimeout(check, Math.min(remainingMs, longestTimeoutMs))
      }
      socket.once('disconnect', () => clearTimeout(timer))
      check()
    },

    async refresh(socket, { token }) {
      const { caller } = socket.data
      const renewed = await verifyToken(token)
      if (renewed.userId !== caller.userId || renewed.sessionId !== caller.sessionId) {
        throw new ParleyError('token-invalid', { detail: 'The token belongs to another session.' })
      }
      // The timer looks here when it fires, and goes on if there is time left.
      socket.data.caller = renewed
      goOn(socket)
      return { expiresAt: new Date(renewed.expiresAt).toISOString() }
    },
  }
}
