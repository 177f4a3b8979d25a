import { z } from 'zod'
import { operation } from './operation.ts'

/** Claims of an access token (RFC 7519, RFC 9068 in spirit): signed ES256, `kid` in the header. */
export const accessTokenClaims = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.uuid(),
  /** The session that the token belongs to; ending it closes its sockets. */
  sid: z.uuid(),
  iat: z.number().int(),
  exp: z.number().int(),
})
export type AccessTokenClaims = z.infer<typeof accessTokenClaims>

export const accessTokenHeader = z.object({ alg: z.literal('ES256'), kid: z.string().min(1) })

/** A public signing key (RFC 7517, RFC 7518 section 6.2). */
export const jwk = z
  .object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    kid: z.string(),
    use: z.literal('sig'),
    alg: z.literal('ES256'),
  })
  .meta({ id: 'Jwk' })
export type Jwk = z.infer<typeof jwk>

export const jwks = z.object({ keys: z.array(jwk) }).meta({ id: 'Jwks' })
export type Jwks = z.infer<typeof jwks>

export const getJwks = operation({
  id: 'getJwks',
  method: 'get',
  path: '/.well-known/jwks.json',
  tag: 'Sessions',
  summary: 'The public keys that access tokens are signed with',
  description: 'For services that check access tokens by themselves, as a JSON Web Key Set (RFC 7517).',
  authenticated: false,
  responses: { 200: jwks },
  problems: [],
})
