import { createHmac, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createTestIssuer, testAudience, testIssuerName } from '@parley/testing/test-issuer.ts'
import jwt from 'jsonwebtoken'
import { createJwksKeySource, type KeySource } from './key-source.ts'
import { createTokenVerifier } from './verify-token.ts'

const userId = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'
const kid = 'key-1'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const find = jest.fn((wanted: string): Promise<KeyObject | undefined> =>
  Promise.resolve(wanted === kid ? publicKey : undefined),
)
const peek = jest.fn((wanted: string) => (wanted === kid ? publicKey : undefined))
beforeEach(() => find.mockClear())
const createVerifier = (keys: KeySource = { find, peek }) =>
  createTokenVerifier({ keys, issuer: testIssuerName, audience: testAudience })

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds
const claims = () => ({
  iss: testIssuerName,
  aud: testAudience,
  sub: userId,
  sid: randomUUID(),
  iat: inSeconds(0),
  exp: inSeconds(900),
})
const header = { alg: 'ES256', typ: 'JWT', kid } as const
const sign = (payload: object, options: jwt.SignOptions = { header }) =>
  jwt.sign(payload, privateKey, { algorithm: 'ES256', ...options })
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const without = (name: string) => Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name))

describe('a good token', () => {
  it('says who is calling', async () => {
    const given = claims()
    const token = sign(given)
    await expect(createVerifier()(token)).resolves.toEqual({
      userId,
      sessionId: given.sid,
      issuedAt: given.iat * 1_000,
      expiresAt: given.exp * 1_000,
      token,
    })
  })

  it('is verified once', async () => {
    const verify = createVerifier()
    const token = sign(claims())
    const first = await verify(token)
    await expect(verify(token)).resolves.toBe(first)
    expect(find).toHaveBeenCalledTimes(1)
  })

  it('is good no longer once its key is none of the keys any more', async () => {
    const verify = createVerifier()
    const token = sign(claims())
    await verify(token)
    peek.mockReturnValueOnce(undefined)
    find.mockResolvedValueOnce(undefined)
    await expect(verify(token)).rejects.toMatchObject({ code: 'token-invalid' })
    await expect(verify(token)).resolves.toMatchObject({ userId })
  })

  it('is not good because another key has taken over its name', async () => {
    const verify = createVerifier()
    const token = sign(claims())
    await verify(token)
    const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    peek.mockReturnValueOnce(other)
    find.mockResolvedValueOnce(other)
    await expect(verify(token)).rejects.toMatchObject({ code: 'token-invalid' })
  })

  it('may come from a clock that is an hour ahead, or live for a day', async () => {
    const ahead = sign({ ...claims(), iat: inSeconds(3_600), exp: inSeconds(3_600 + 86_400) })
    await expect(createVerifier()(ahead)).resolves.toMatchObject({ userId })
  })

  it('expires, also when it is remembered as good', async () => {
    const verify = createVerifier()
    const token = sign(claims())
    await verify(token)
    jest.useFakeTimers({ now: Date.now() + 900_000, doNotFake: ['nextTick', 'queueMicrotask'] })
    try {
      await expect(verify(token)).rejects.toMatchObject({ code: 'token-expired' })
      await expect(createVerifier()(token)).rejects.toMatchObject({ code: 'token-expired' })
    } finally {
      jest.useRealTimers()
    }
  })
})

describe('a token is not valid', () => {
  const others = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const hs256 = (secret: string | Buffer) => {
    // jsonwebtoken refuses to sign like this; an attacker's library does not.
    const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(claims())}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  const cut = (token: string) => token.slice(0, token.lastIndexOf('.') + 1)

  it.each<[string, () => string]>([
    ['of another issuer', () => sign({ ...claims(), iss: 'https://evil.test' })],
    ['for another audience', () => sign({ ...claims(), aud: 'somebody-else' })],
    ['without an issuer', () => sign(without('iss'))],
    ['without an audience', () => sign(without('aud'))],
    ['without an expiry', () => sign(without('exp'))],
    ['without a subject', () => sign(without('sub'))],
    ['that lives for more than a day', () => sign({ ...claims(), exp: inSeconds(86_401) })],
    [
      'issued in a year, and good for two',
      () => sign({ ...claims(), iat: inSeconds(31_536_000), exp: inSeconds(31_536_000 + 900) }),
    ],
    ['without a session', () => sign(without('sid'))],
    ['whose subject is no user id', () => sign({ ...claims(), sub: 'admin' })],
    ['not to be used yet', () => sign({ ...claims(), nbf: inSeconds(600) })],
    ['without a key id', () => sign(claims(), { header: { alg: 'ES256', typ: 'JWT' } })],
    ['of a key that is not known', () => sign(claims(), { header: { ...header, kid: 'key-2' } })],
    [
      'whose key id is a property of every object',
      () => sign(claims(), { header: { ...header, kid: '__proto__' } }),
    ],
    ['signed by another key', () => jwt.sign(claims(), others.privateKey, { header })],
    [
      'with another curve',
      () => jwt.sign(claims(), p384.privateKey, { header: { ...header, alg: 'ES384' } }),
    ],
    ['with RSA', () => jwt.sign(claims(), rsa.privateKey, { header: { ...header, alg: 'RS256' } })],
    ['with no algorithm', () => `${encode({ ...header, alg: 'none' })}.${encode(claims())}.`],
    ['with no algorithm, oddly written', () => `${encode({ ...header, alg: 'nOnE' })}.${encode(claims())}.`],
    ['with HS256 and the public key as the secret', () => hs256(pem)],
    ['with HS256 and the public key without its last line end', () => hs256(String(pem).trim())],
    ['with ES256 and no signature', () => cut(sign(claims()))],
    [
      'with other claims than were signed',
      () => {
        const [head, , signature] = sign(claims()).split('.')
        return `${head}.${encode({ ...claims(), sub: randomUUID() })}.${signature}`
      },
    ],
    [
      'whose payload is not JSON',
      () => `${encode(header)}.${Buffer.from('hello').toString('base64url')}.c2ln`,
    ],
    ['whose payload is a list', () => `${encode(header)}.${encode([])}.c2ln`],
    [
      'whose header is not JSON',
      () => `${Buffer.from('hello').toString('base64url')}.${encode(claims())}.c2ln`,
    ],
    ['whose header is a word', () => `${encode('hello')}.${encode(claims())}.c2ln`],
    ['in two parts', () => `${encode(header)}.${encode(claims())}`],
    ['of nonsense', () => 'nonsense'],
    ['of nothing', () => ''],
  ])('%s', async (_, forge) => {
    const verify = createVerifier()
    const token = forge()
    for (const attempt of ['first', 'again']) {
      const refused = await verify(token).catch((error: unknown) => error)
      expect([attempt, refused]).toMatchObject([attempt, { name: 'ParleyError', code: 'token-invalid' }])
    }
  })

  it('when it has expired, which callers are told', async () => {
    const expired = sign({ ...claims(), exp: inSeconds(-1) })
    await expect(createVerifier()(expired)).rejects.toMatchObject({ code: 'token-expired' })
  })
})

it('nobody is told that a token is bad when the keys cannot be had', async () => {
  const cause = new Error('ECONNREFUSED')
  find.mockRejectedValueOnce(cause)
  const verify = createVerifier()
  const token = sign(claims())
  await expect(verify(token)).rejects.toMatchObject({
    code: 'unavailable',
    cause,
    details: { retryAfterSeconds: 1 },
  })
  await expect(verify(token)).resolves.toMatchObject({ userId })
})

it('the issuer that other tests use signs tokens that are good', async () => {
  const issuer = createTestIssuer()
  const keys = createJwksKeySource({ load: () => Promise.resolve({ keys: [issuer.jwk] }) })
  await expect(createVerifier(keys)(issuer.sign(userId))).resolves.toMatchObject({ userId })
})
