import type { RefreshRequest, RefreshResponse } from '@parley/contracts/sessions.ts'
import type { Logger } from '@parley/platform/log.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { AccessTokens } from '../keys/access-tokens.ts'
import type { EndSessions } from './end-sessions.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { Session, SessionStore } from './session-store.ts'

/** @throws ParleyError `refresh-token-invalid` */
export type RefreshSession = (request: RefreshRequest) => Promise<RefreshResponse>

/**
 * Every refresh brings the next generation of the refresh token and begins the session's time anew.
 *
 * Guarantees: of refreshes with one token only one moves the session on. The others get the same token as that
 * one, however late, until that token comes itself: an answer may have been lost on a device that then slept,
 * and two tabs may refresh at once. Once it has come, whoever got it has no need of the one before; so an older
 * token was taken from a client, or by one: nobody can tell who holds the newest one now, and the session ends.
 */
export function createRefreshSession({
  sessions,
  endSessions,
  accessTokens,
  refreshTokens,
  sessionMs,
  logger,
  reuses,
  now = Date.now,
}: {
  sessions: SessionStore
  endSessions: EndSessions
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  sessionMs: number
  logger: Logger
  /** Counts the sessions that ended so. */
  reuses: { inc(): void }
  now?: () => number
}): RefreshSession {
  const answer = ({ id, userId }: Session, generation: number): RefreshResponse => ({
    ...accessTokens.issue({ userId, sessionId: id }),
    refreshToken: refreshTokens.issue({ sessionId: id, generation }),
  })

  async function endLeaked({ id, userId }: Session): Promise<void> {
    await endSessions([{ id, userId }], 'refresh-token-reused')
    reuses.inc()
    logger.warn({ sessionId: id, userId }, 'an old refresh token came again, so its session was ended')
  }

  return async ({ refreshToken }) => {
    const grant = refreshTokens.read(refreshToken)
    if (grant === undefined) throw new ParleyError('refresh-token-invalid')

    // Comes round again only when another refresh was first, so the generation is another one then.
    for (;;) {
      const at = now()
      const session = await sessions.find(grant.sessionId)
      if (session === undefined || session.endedAt !== null || session.expiresAt <= at) break

      if (grant.generation === session.generation) {
        const times = { rotatedAt: at, expiresAt: at + sessionMs }
        if (await sessions.advance(session.id, session.generation, times)) {
          return answer(session, session.generation + 1)
        }
      } else {
        const age = session.generation - grant.generation
        // A newest token that had been seen would not be the newest any more.
        if (age === 1) return answer(session, session.generation)
        // A token from the future is ours too, but the database was set back: no sign of a leak.
        if (age >= 1) await endLeaked(session)
        break
      }
    }
    throw new ParleyError('refresh-token-invalid')
  }
}
