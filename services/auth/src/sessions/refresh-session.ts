import { beganAt } from '@parley/contracts/session-began.ts'
import type { RefreshRequest, RefreshResponse } from '@parley/contracts/sessions.ts'
import { networkOf } from '@parley/platform/http/client-address.ts'
import type { Buckets } from '@parley/platform/limits/buckets.ts'
import type { Logger } from '@parley/platform/log.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { AccessTokens } from '../keys/access-tokens.ts'
import type { UserStore } from '../users/user-store.ts'
import type { EndSessions } from './end-sessions.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { Session, SessionStore } from './session-store.ts'

/** @throws ParleyError `refresh-token-invalid` or `rate-limited` */
export type RefreshSession = (request: RefreshRequest, address: string) => Promise<RefreshResponse>

/** Whoever asks so soon after, from the same place, asks again, or is another tab. */
const atOnceMs = 10_000

/** In so many generations in a row the answer may have been lost. */
const mostInARow = 2

/**
 * Every refresh brings the next generation of the refresh token and begins the session's time anew, until the session
 * is as old as one may be.
 *
 * Guarantees: of refreshes with one token only one moves the session on. The others get the same token as that
 * one, however late, until that token comes itself: an answer may have been lost on a device that then slept,
 * and two tabs may refresh at once. Once it has come, whoever got it has no need of the one before; so an older
 * token was taken from a client, or by one: nobody can tell who holds the newest one now, and the session ends.
 *
 * A thief who has the newest token, too, gets the next one as its owner does, so the token comes twice in every
 * generation. That is noticed: when a token was asked for again in three generations in a row the session ends. (Asking
 * at once from the same place does not count.) What is not: who steals a session that its owner never uses again; and
 * a thief behind the owner's address who asks within seconds of the owner each time.
 */
export function createRefreshSession({
  users,
  sessions,
  endSessions,
  accessTokens,
  refreshTokens,
  refreshes,
  sessionMs,
  lifetimeMs,
  placeOf,
  logger,
  security,
  reuses,
  now = Date.now,
}: {
  users: Pick<UserStore, 'findById'>
  sessions: SessionStore
  endSessions: EndSessions
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  /** By user. Each tab and device refreshes by itself, and all of them after a restart. */
  refreshes: Buckets
  /** Until a session ends that nobody refreshes. */
  sessionMs: number
  /** Until a session ends at the latest. */
  lifetimeMs: number
  /** What stands for an address in a session, without telling it. */
  placeOf: (sessionId: string, address: string) => string
  logger: Logger
  security: SecurityLog
  /** Counts the sessions that ended so. */
  reuses: { inc(): void }
  now?: () => number
}): RefreshSession {
  const answer = ({ id, userId }: Session, generation: number): RefreshResponse => ({
    ...accessTokens.issue({ userId, sessionId: id }),
    refreshToken: refreshTokens.issue({ sessionId: id, generation }),
  })

  const reasons = {
    'old-token': 'an old refresh token came again, so its session was ended',
    'two-holders': 'every refresh token of a session came twice, so it was ended',
  } as const

  async function endLeaked(
    { id, userId }: Session,
    reason: keyof typeof reasons,
    address: string,
  ): Promise<void> {
    await endSessions([{ id, userId }], 'refresh-token-reused')
    reuses.inc()
    security.note('refresh-reused', { sessionId: id, userId, network: networkOf(address), reason })
    logger.warn({ sessionId: id, userId }, reasons[reason])
  }

  /** When it has to end. Of one that does not say when it began nobody knows. */
  const latestEnd = ({ id }: Session): number => (beganAt(id) === 0 ? Infinity : beganAt(id) + lifetimeMs)

  async function isOver(session: Session, at: number): Promise<boolean> {
    if (session.endedAt !== null || Math.min(session.expiresAt, latestEnd(session)) <= at) return true
    const user = await users.findById(session.userId)
    return beganAt(session.id) < (user?.sessionsEndedBefore ?? 0)
  }

  /** Whether the newest token may be handed out again to who has the one before. */
  async function mayRepeat(session: Session, at: number, place: string): Promise<boolean> {
    if (at - session.rotatedAt < atOnceMs && session.exchangedBy === place) return true
    const { generation } = session
    const before = session.repeated
    if (before?.generation === generation) return true
    const inARow = before?.generation === generation - 1 ? before.inARow + 1 : 1
    if (inARow > mostInARow) return false
    await sessions.noteRepeated(session.id, { generation, inARow })
    return true
  }

  return async ({ refreshToken }, address) => {
    const grant = refreshTokens.read(refreshToken)
    if (grant === undefined) throw new ParleyError('refresh-token-invalid')

    // Comes round again only when another refresh was first, so the generation is another one then.
    for (;;) {
      const at = now()
      const session = await sessions.find(grant.sessionId)
      if (session === undefined || (await isOver(session, at))) break
      // Before anything is written and signed.
      refreshes.take(session.userId)
      const place = placeOf(session.id, address)

      if (grant.generation === session.generation) {
        const expiresAt = Math.min(at + sessionMs, latestEnd(session))
        const to = { rotatedAt: at, expiresAt, exchangedBy: place }
        if (await sessions.advance(session.id, session.generation, to)) {
          return answer(session, session.generation + 1)
        }
      } else {
        const age = session.generation - grant.generation
        // A newest token that had been seen would not be the newest any more.
        if (age === 1 && (await mayRepeat(session, at, place))) return answer(session, session.generation)
        // A token from the future is ours too, but the database was set back: no sign of a leak.
        if (age >= 1) await endLeaked(session, age === 1 ? 'two-holders' : 'old-token', address)
        break
      }
    }
    throw new ParleyError('refresh-token-invalid')
  }
}
