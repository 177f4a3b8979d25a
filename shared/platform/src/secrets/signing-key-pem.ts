import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { CheckSecret } from './check-secret.ts'

/** A new private key of access tokens (ES256): PKCS #8 in PEM. */
export const createSigningKeyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
    .trim()

const block = /-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g

/** The keys in a file, in order. What stands between them is not theirs. */
export const splitPem = (text: string): string[] => text.match(block) ?? []

/** Whether a file has keys of access tokens, and nothing broken among them. */
export const checkSigningKeys: CheckSecret = (text) => {
  const pems = splitPem(text)
  const whole = pems.length > 0 && pems.length === text.split('-----BEGIN ').length - 1
  return whole && pems.every(isSigningKey) ? undefined : 'is no EC key on the curve P-256 in PEM'
}

function isSigningKey(pem: string): boolean {
  try {
    return createPublicKey(createPrivateKey(pem)).asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}

export const signingKey = { create: createSigningKeyPem, check: checkSigningKeys }
