import { beganAt } from '@parley/contracts/session-began.ts'
import type { LoginRequest, LoginResponse } from '@parley/contracts/sessions.ts'
import { networkOf, siteOf } from '@parley/platform/http/client-address.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { AccessTokens } from '../keys/access-tokens.ts'
import type { AuthLimits } from '../limits/auth-limits.ts'
import type { LoginAttempt } from '../limits/login-limits.ts'
import type { Asker } from '../users/fair-queue.ts'
import { toUser } from '../users/find-user.ts'
import type { Passwords } from '../users/passwords.ts'
import type { StoredUser, UserStore } from '../users/user-store.ts'
import type { DeviceTokens } from './device-tokens.ts'
import type { EndSessions } from './end-sessions.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import { newSessionId } from './session-id.ts'
import type { SessionStore } from './session-store.ts'

/**
 * An unknown user and a wrong password are told apart by nothing: not by the answer, not by the work done.
 * @throws ParleyError `invalid-credentials`, `rate-limited` (before any password is compared) or `overloaded`
 */
export type LogIn = (request: LoginRequest, address: string) => Promise<LoginResponse>

const mostEndedAtOnce = 20

export function createLogIn({
  users,
  sessions,
  endSessions,
  passwords,
  limits,
  accessTokens,
  refreshTokens,
  deviceTokens,
  sessionMs,
  maxSessions,
  security,
  now = Date.now,
}: {
  users: UserStore
  sessions: SessionStore
  endSessions: EndSessions
  passwords: Passwords
  limits: AuthLimits
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  deviceTokens: DeviceTokens
  sessionMs: number
  /** How many sessions a user may have. */
  maxSessions: number
  security: SecurityLog
  now?: () => number
}): LogIn {
  /** The id of the device, if this user has logged in on it before, and not logged out everywhere since. */
  function knownDevice(token: string | undefined, user: StoredUser | undefined): string | undefined {
    return user && deviceTokens.known(token, user.id, user.sessionsEndedBefore)
  }

  async function begin(
    { email }: LoginRequest,
    address: string,
    device: string | undefined,
    userId?: string,
  ) {
    const network = networkOf(address)
    try {
      const attempt = await limits.beginLogin({ email, address, device })
      if (attempt.slowed) security.note('login-slowed', { userId, network })
      return attempt
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'rate-limited')
        security.note('login-refused', { userId, network, reason: 'too-many-failures' })
      throw error
    }
  }

  async function matches(
    password: string,
    user: StoredUser | undefined,
    { attempt, asker }: { attempt: LoginAttempt; asker: Asker },
  ): Promise<boolean> {
    try {
      return await passwords.matches(password, user?.passwordHash, asker)
    } catch (error) {
      await attempt.withdraw()
      throw error
    }
  }

  /** The password is at hand only now. Whether there is room for that is no matter of this login. */
  async function strengthen({ id, passwordHash }: StoredUser, password: string, asker: Asker): Promise<void> {
    if (!passwords.isWeak(passwordHash)) return
    try {
      await users.replacePasswordHash(id, passwordHash, await passwords.hash(password, asker))
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error
    }
  }

  /**
   * Those that were not used for the longest time, if there are more than one may have: a few more with each login. How
   * long that is, is told by when they expire, so one that has just begun may seem the oldest: after `SESSION_DAYS` was
   * put down, or beside a replica whose clock is ahead.
   */
  async function endUnused({ id, sessionsEndedBefore = 0 }: StoredUser, begun: string): Promise<void> {
    const page = { skip: maxSessions, limit: mostEndedAtOnce }
    const unused = await sessions.findActive(id, now(), page)
    await endSessions(
      unused.filter((session) => session.id !== begun && beganAt(session.id) >= sessionsEndedBefore),
      'logout',
    )
  }

  return async (request, address) => {
    const { email, password } = request
    const user = await users.findByEmail(email)
    const device = knownDevice(request.device, user)
    const asker = { network: siteOf(address), account: email, known: device !== undefined }
    const attempt = await begin(request, address, device, user?.id)
    if (!(await matches(password, user, { attempt, asker })) || user === undefined) {
      const reason = user === undefined ? 'unknown-account' : 'wrong-password'
      security.note('login-failed', { userId: user?.id, network: networkOf(address), reason })
      throw new ParleyError('invalid-credentials')
    }
    await attempt.succeed()
    await strengthen(user, password, asker)

    const rotatedAt = now()
    const session = {
      id: newSessionId(rotatedAt, user.sessionsEndedBefore ?? 0),
      userId: user.id,
      generation: 1,
    }
    await sessions.insert({ ...session, rotatedAt, expiresAt: rotatedAt + sessionMs, endedAt: null })
    await endUnused(user, session.id)
    return {
      ...accessTokens.issue({ userId: user.id, sessionId: session.id }),
      refreshToken: refreshTokens.issue({ sessionId: session.id, generation: session.generation }),
      device: deviceTokens.issue(user.id, request.device),
      user: toUser(user),
    }
  }
}
