import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Jwk } from '@parley/contracts/token.ts'
import { checkSigningKeys, splitPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { OwnError } from '@parley/platform/own-error.ts'

export interface SigningKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public half, for the JWKS. */
  readonly jwk: Jwk
}

/** The keys of a file: the first one signs, and all of them are published. @throws unless all of them are whole */
export const readSigningKeys = (text: string): readonly [SigningKey, ...SigningKey[]] => {
  const fault = checkSigningKeys(text)
  if (fault !== undefined) throw new OwnError(`the signing key ${fault}`)
  const [first = text, ...others] = splitPem(text)
  return [readSigningKey(first), ...others.map(readSigningKey)]
}

/**
 * Parses a key once. Its `kid` is the key's thumbprint (RFC 7638), so it needs no register.
 * @param pem a private key on the curve P-256
 * @throws Error when it is anything else; the message does not hold the key
 */
export function readSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) {
    throw new OwnError('the signing key must be an EC key on the curve P-256')
  }
  // RFC 7638 section 3: exactly these members, in this order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { privateKey, publicKey, jwk: { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' } }
}
