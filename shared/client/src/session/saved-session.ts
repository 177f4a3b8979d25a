import type { RefreshResponse } from '@parley/contracts/sessions.ts'
import type { User } from '@parley/contracts/users.ts'

/** What continues a session, as plain JSON: an app may store it and hand it to `resume`. Keep it secret. */
export interface SavedSession {
  /** Who logged in, as they were then. */
  readonly user: User
  /** The access token. */
  readonly token: string
  /** Good for one refresh, so only the newest is of use. */
  readonly refreshToken: string
  /** When to exchange both: after 80 % of the access token's life, in milliseconds since the epoch. */
  readonly refreshAt: number
}

/** Also of a very short life something must remain, or refreshing would never rest. */
const shortestMs = 500

export const toSavedSession = (
  user: User,
  { token, refreshToken, expiresIn }: RefreshResponse,
  now: number,
): SavedSession => ({
  user,
  token,
  refreshToken,
  refreshAt: now + Math.max(shortestMs, expiresIn * 800),
})
