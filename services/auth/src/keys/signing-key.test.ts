import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { jwk as jwkSchema } from '@parley/contracts/token.ts'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { readSigningKey } from './signing-key.ts'

describe('signing key', () => {
  it('has a public half without the private one', () => {
    const { jwk, privateKey } = readSigningKey(createSigningKeyPem())
    expect(jwkSchema.strict().parse(jwk)).toEqual(jwk)
    expect(createPublicKey({ key: { ...jwk }, format: 'jwk' }).equals(createPublicKey(privateKey))).toBe(true)
  })

  it('keeps its kid, which no other key has', () => {
    const pem = createSigningKeyPem()
    expect(readSigningKey(pem).jwk.kid).toBe(readSigningKey(pem).jwk.kid)
    expect(readSigningKey(pem).jwk.kid).not.toBe(readSigningKey(createSigningKeyPem()).jwk.kid)
    expect(readSigningKey(pem).jwk.kid).toMatch(/^[\w-]{43}$/)
  })

  it('must be on the curve P-256', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    for (const key of [other, rsa]) {
      const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
      expect(() => readSigningKey(pem)).toThrow('P-256')
    }
    expect(() => readSigningKey('nonsense')).toThrow()
  })
})
