import jwt from 'jsonwebtoken'
import type { SigningKeys } from './signing-keys.ts'

export interface AccessTokens {
  issue(owner: { userId: string; sessionId: string }): { token: string; expiresIn: number }
}

/** @param lifetimeSeconds until a token expires; it cannot be called back before */
export function createAccessTokens({
  keys,
  issuer,
  audience,
  lifetimeSeconds,
}: {
  keys: Pick<SigningKeys, 'current'>
  issuer: string
  audience: string
  lifetimeSeconds: number
}): AccessTokens {
  const options = {
    algorithm: 'ES256',
    issuer,
    audience,
    expiresIn: lifetimeSeconds,
  } as const
  return {
    issue({ userId, sessionId }) {
      const { privateKey, jwk } = keys.current()
      const token = jwt.sign({ sid: sessionId }, privateKey, { ...options, keyid: jwk.kid, subject: userId })
      return { token, expiresIn: lifetimeSeconds }
    },
  }
}
