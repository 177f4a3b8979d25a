import jwt from 'jsonwebtoken'
import type { SigningKey } from './signing-key.ts'

export interface AccessTokens {
  issue(owner: { userId: string; sessionId: string }): { token: string; expiresIn: number }
}

/** @param lifetimeSeconds until a token expires; it cannot be called back before */
export function createAccessTokens({
  key,
  issuer,
  audience,
  lifetimeSeconds,
}: {
  key: SigningKey
  issuer: string
  audience: string
  lifetimeSeconds: number
}): AccessTokens {
  const options = {
    algorithm: 'ES256',
    keyid: key.jwk.kid,
    issuer,
    audience,
    expiresIn: lifetimeSeconds,
  } as const
  return {
    issue: ({ userId, sessionId }) => ({
      token: jwt.sign({ sid: sessionId }, key.privateKey, { ...options, subject: userId }),
      expiresIn: lifetimeSeconds,
    }),
  }
}
