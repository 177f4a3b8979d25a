import { randomUUIDv7 } from 'node:crypto'
import type { LoginRequest, LoginResponse } from '@parley/contracts/sessions.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { AccessTokens } from '../keys/access-tokens.ts'
import type { AuthLimits } from '../limits/auth-limits.ts'
import { toUser } from '../users/find-user.ts'
import type { Passwords } from '../users/passwords.ts'
import type { StoredUser, UserStore } from '../users/user-store.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { SessionStore } from './session-store.ts'

/**
 * An unknown user and a wrong password are told apart by nothing: not by the answer, not by the work done.
 * @throws ParleyError `invalid-credentials`, `rate-limited` (before any password is compared) or `overloaded`
 */
export type LogIn = (request: LoginRequest, address: string) => Promise<LoginResponse>

export function createLogIn({
  users,
  sessions,
  passwords,
  limits,
  accessTokens,
  refreshTokens,
  sessionMs,
  now = Date.now,
}: {
  users: UserStore
  sessions: SessionStore
  passwords: Passwords
  limits: AuthLimits
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  sessionMs: number
  now?: () => number
}): LogIn {
  async function findByCredentials({ email, password }: LoginRequest): Promise<StoredUser | undefined> {
    const user = await users.findByEmail(email)
    return (await passwords.matches(password, user?.passwordHash)) ? user : undefined
  }

  return async (request, address) => {
    const attempt = await limits.beginLogin(request.email, address)
    let user: StoredUser | undefined
    try {
      user = await findByCredentials(request)
    } catch (error) {
      await attempt.withdraw()
      throw error
    }
    if (user === undefined) throw new ParleyError('invalid-credentials')
    await attempt.succeed()

    const session = { id: randomUUIDv7(), userId: user.id, generation: 1 }
    const rotatedAt = now()
    await sessions.insert({ ...session, rotatedAt, expiresAt: rotatedAt + sessionMs, endedAt: null })
    return {
      ...accessTokens.issue({ userId: user.id, sessionId: session.id }),
      refreshToken: refreshTokens.issue({ sessionId: session.id, generation: session.generation }),
      user: toUser(user),
    }
  }
}
