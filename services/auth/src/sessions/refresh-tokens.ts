import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

/** What a refresh token stands for: one generation of a session's tokens. */
export interface RefreshGrant {
  readonly sessionId: string
  readonly generation: number
}

/**
 * Refresh tokens are `<session>.<generation>.<HMAC-SHA256 of both>`: they prove by themselves that we issued
 * them, so the database holds nothing that could be used in their place.
 */
export interface RefreshTokens {
  issue(grant: RefreshGrant): string
  /** Says only that we issued it; whether it is still good is for the session to say. */
  read(token: string): RefreshGrant | undefined
}

export function createRefreshTokens(secret: string): RefreshTokens {
  const key = createSecretKey(Buffer.from(secret))
  const sign = (sessionId: string, generation: string): Buffer =>
    createHmac('sha256', key).update(`${sessionId}:${generation}`).digest()

  return {
    issue({ sessionId, generation }) {
      return `${sessionId}.${generation}.${sign(sessionId, String(generation)).toString('base64url')}`
    },
    read(token) {
      const [, sessionId, generation, mac] = /^([\da-f-]{36})\.(\d{1,15})\.([\w-]{43})$/.exec(token) ?? []
      if (sessionId === undefined || generation === undefined || mac === undefined) return undefined
      if (!timingSafeEqual(Buffer.from(mac, 'base64url'), sign(sessionId, generation))) return undefined
      return { sessionId, generation: Number(generation) }
    },
  }
}
