import { ParleyError } from '@parley/platform/parley-error.ts'
import type { VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { EventHandlers } from './answer-events.ts'
import { giveReason } from './close-reason.ts'
import type { ParleySocket } from './parley-socket.ts'

/** How often the token of an open socket is checked again: its key may be one no longer. A cached verdict costs µs. */
const recheckMs = 15_000

/**
 * A token is checked at the handshake; what makes it expire on an open socket, also because the key that it was signed
 * with was removed, is this. How long it has still to
 * go is read from the clock once, and then passes as time does, to whatever somebody sets the clock meanwhile.
 */
export interface TokenExpiry {
  /** Ends the socket when its token expires or is good no longer, unless it is refreshed before. */
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

  /** Not for an expiry, which the time that passes decides, nor while the keys cannot be had. */
  async function recheck(socket: ParleySocket): Promise<void> {
    const { caller } = socket.data
    try {
      await verifyToken(caller.token)
    } catch (error) {
      const invalid = error instanceof ParleyError && error.code === 'token-invalid'
      if (invalid && socket.connected && socket.data.caller === caller) end(socket)
    }
  }

  return {
    watch(socket) {
      let timer: NodeJS.Timeout | undefined
      goOn(socket)
      function check(): void {
        const remainingMs = deadlines.get(socket)! - performance.now()
        if (remainingMs <= 0) return end(socket)
        timer = setTimeout(again, Math.min(remainingMs, recheckMs))
      }
      function again(): void {
        void recheck(socket)
        check()
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
