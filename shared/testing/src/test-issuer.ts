import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createJwksKeySource } from '@parley/platform/tokens/key-source.ts'
import { createTokenVerifier, type VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { Jwk } from '@parley/contracts/token.ts'
import jwt from 'jsonwebtoken'

export interface TestIssuer {
  readonly jwk: Jwk
  readonly verifyToken: VerifyToken
  /** An access token as auth signs it; `options` make it wrong in one way. */
  sign(userId: string, options?: SignOptions): string
}

interface SignOptions {
  readonly sessionId?: string
  readonly expiresInSeconds?: number
  readonly issuer?: string
  readonly audience?: string
  readonly kid?: string
}

export const testIssuerName = 'https://auth.test'
export const testAudience = 'parley-test'

/** Signs tokens with a key of its own, for tests of everything that verifies them. */
export function createTestIssuer(): TestIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const jwk: Jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: String(x),
    y: String(y),
    kid: randomUUID(),
    use: 'sig',
    alg: 'ES256',
  }
  const keys = createJwksKeySource({ load: () => Promise.resolve({ keys: [jwk] }) })
  return {
    jwk,
    verifyToken: createTokenVerifier({ keys, issuer: testIssuerName, audience: testAudience }),
    sign: (
      userId,
      {
        sessionId = randomUUID(),
        expiresInSeconds = 900,
        issuer = testIssuerName,
        audience = testAudience,
        kid = jwk.kid,
      } = {},
    ) =>
      jwt.sign({ sid: sessionId }, privateKey, {
        algorithm: 'ES256',
        subject: userId,
        expiresIn: expiresInSeconds,
        issuer,
        audience,
        keyid: kid,
      }),
  }
}
