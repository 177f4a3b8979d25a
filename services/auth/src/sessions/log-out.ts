import { beganAt } from '@parley/contracts/session-began.ts'
import type { Relay } from '@parley/platform/events/relay.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { toEndedSession } from '@parley/platform/tokens/follow-ended-sessions.ts'
import type { Caller } from '@parley/platform/tokens/verify-token.ts'
import type { UserStore } from '../users/user-store.ts'
import { type EndSessions, sessionEnded } from './end-sessions.ts'
import type { SessionStore } from './session-store.ts'

/**
 * Ending a session stops its refreshes at once, has its sockets closed and its access tokens refused: here at once, by
 * other processes as soon as they hear of it.
 */
export interface LogOut {
  /** Ends the session that the caller's token belongs to. */
  here(caller: Caller): Promise<void>
  /**
   * Ends all sessions that the caller has at this moment, by a mark on the user and one event, however many there are.
   * The newest are ended by themselves too, as many as a user may have: the release before this one, which may run
   * beside, does not know of marks. Sessions that begin afterwards are left alone.
   */
  everywhere(caller: Caller): Promise<void>
}

/** What clocks of replicas may differ by. */
const clockDifferenceMs = 30_000

export function createLogOut({
  users,
  sessions,
  endSessions,
  ended,
  relay,
  tokenMs,
  maxSessions,
  security,
}: {
  users: UserStore
  sessions: SessionStore
  endSessions: EndSessions
  ended: Pick<EndedSessions, 'add'>
  relay: Pick<Relay, 'offer'>
  tokenMs: number
  maxSessions: number
  security: SecurityLog
}): LogOut {
  return {
    here: ({ sessionId, userId }) => endSessions([{ id: sessionId, userId }], 'logout'),
    async everywhere({ sessionId, userId }) {
      const now = Date.now()
      const page = { skip: 0, limit: maxSessions }
      const newest = await sessions.findActive(userId, now, page)
      // A session may have begun at a replica whose clock is ahead.
      const began = [sessionId, ...newest.map(({ id }) => id)].map(beganAt)
      const startedBefore = Math.max(now, ...began.map((at) => at + 1))
      const reason = 'logout-everywhere'
      const event = sessionEnded({ id: sessionId, userId }, { reason, tokenMs, startedBefore })
      await users.endSessions(userId, event)
      ended.add(toEndedSession(event))
      await sessions.endQuietly(sessionId, now)
      relay.offer([{ key: event.id, event }])
      security.note('session-ended-everywhere', { userId, sessionId })
      await endSessions(
        newest.filter(({ id }) => id !== sessionId),
        reason,
      )
      // Whoever starts later hears of no mark, and asks which sessions ended. There may be more than a user may have now.
      const used = { since: now - tokenMs - clockDifferenceMs, begunBefore: startedBefore }
      await sessions.endUsedQuietly(userId, used, now)
    },
  }
}
