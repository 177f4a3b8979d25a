import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { EndSessions } from './end-sessions.ts'
import type { SessionStore } from './session-store.ts'

/**
 * Ending a session stops its refreshes at once and has its sockets closed. An access token that was issued
 * before stays good until it expires, since services verify tokens without asking anybody.
 */
export interface LogOut {
  /** Ends the session that the caller's token belongs to. */
  here(caller: Caller): Promise<void>
  /** Ends all sessions that the caller has at this moment. */
  everywhere(caller: Caller): Promise<void>
}

export function createLogOut({
  sessions,
  endSessions,
}: {
  sessions: SessionStore
  endSessions: EndSessions
}): LogOut {
  return {
    here: ({ sessionId, userId }) => endSessions([{ id: sessionId, userId }], 'logout'),
    everywhere: async ({ userId }) =>
      endSessions(await sessions.findActive(userId, Date.now()), 'logout-everywhere'),
  }
}
