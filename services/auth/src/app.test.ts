import { createPublicKey, randomUUID } from 'node:crypto'
import { getJwks, jwks } from '@parley/contracts/token.ts'
import { getMe } from '@parley/contracts/users.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createJwksKeySource } from '@parley/platform/tokens/key-source.ts'
import { createSigningKeyPem } from '@parley/platform/secrets/signing-key-pem.ts'
import { createTokenVerifier } from '@parley/platform/tokens/verify-token.ts'
import { problemOf } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import jwt, { type SignOptions } from 'jsonwebtoken'
import { authConfig } from './config.ts'
import { readSigningKey } from './keys/signing-key.ts'
import { startTestAuth, type TestAuth } from './test-auth.ts'

const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = authConfig.parse({})

describe('tokens of auth', () => {
  let auth: TestAuth
  beforeAll(async () => {
    auth = await startTestAuth()
    await auth.register('alice@example.com')
  })
  afterAll(() => auth.close())

  it('are verified by its JWKS alone', async () => {
    const { token, user } = await auth.logIn('alice@example.com')
    const keys = createJwksKeySource({ load: async () => jwks.parse((await auth.call(getJwks)).body) })
    const caller = await createTokenVerifier({ keys, issuer, audience })(token)
    expect(caller.userId).toBe(user.id)
    expect(await auth.auth.jwks()).toEqual((await auth.call(getJwks)).body)
    expect(JSON.stringify(await auth.auth.jwks())).not.toContain('"d"')
  })

  it('are not made by anybody else', async () => {
    const key = readSigningKey(auth.signingKeyPem)
    const publicPem = createPublicKey(auth.signingKeyPem).export({ type: 'spki', format: 'pem' }).toString()
    const sign = (secret: string, options: SignOptions, header: object = {}): string =>
      jwt.sign({ sid: randomUUID() }, secret, {
        algorithm: 'ES256',
        keyid: key.jwk.kid,
        subject: randomUUID(),
        issuer,
        audience,
        expiresIn: 900,
        ...options,
        header: { alg: 'ES256', ...header },
      })
    const good = sign(auth.signingKeyPem, {})
    await auth.auth.verifyToken(good)

    const forged = {
      'without a signature': sign('', { algorithm: 'none' }, { alg: 'none' }),
      'signed by the public key': sign(publicPem, { algorithm: 'HS256' }, { alg: 'HS256' }),
      'of an unknown key': sign(auth.signingKeyPem, { keyid: 'unknown' }),
      'of another key': sign(createSigningKeyPem(), {}),
      'of another issuer': sign(auth.signingKeyPem, { issuer: 'https://evil.example' }),
      'for another audience': sign(auth.signingKeyPem, { audience: 'others' }),
      'cut short': good.slice(0, -10),
    }
    for (const [name, token] of Object.entries(forged)) {
      const { status, code } = problemOf(await auth.call(getMe, { token }))
      expect({ name, status, code }).toEqual({ name, status: 401, code: 'token-invalid' })
    }
    const expired = await auth.call(getMe, { token: sign(auth.signingKeyPem, { expiresIn: -1 }) })
    expect(problemOf(expired).code).toBe('token-expired')
    const stranger = await auth.call(getMe, { token: good })
    expect(problemOf(stranger).code).toBe('user-not-found')
  })
})

describe('events of auth', () => {
  const folder = createTemporaryFolder()
  const started: TestAuth[] = []
  afterEach(() => Promise.all(started.splice(0).map((auth) => auth.close())))
  afterAll(() => folder.remove())

  const start = async (bus = createMemoryEventBus()): Promise<TestAuth> => {
    const auth = await startTestAuth({ folder: folder.path, bus })
    started.push(auth)
    return auth
  }

  it('reach the bus after a registration, and leave the outbox then', async () => {
    const auth = await start()
    const { id, firstName, lastName } = await auth.register('alice@example.com')
    await auth.auth.close()
    expect(auth.events).toMatchObject([
      { type: 'users.user-registered.v1', subject: id, data: { user: { id, firstName, lastName } } },
    ])
    expect(JSON.stringify(auth.events)).not.toContain('@')
    expect(await auth.stores.outbox.pending(10)).toEqual([])
  })

  it('that a process could not publish are published by the next one', async () => {
    const deafBus = createMemoryEventBus()
    await deafBus.subscribe({
      queue: 'deaf',
      types: ['users.user-registered.v1'],
      handle: () => Promise.reject(new Error('not now')),
    })
    const before = await start(deafBus)
    const bob = await before.register('bob@example.com')
    await before.close()

    const after = await start()
    await after.auth.close()
    expect(after.events).toMatchObject([{ subject: bob.id }])
    expect(await after.stores.outbox.pending(10)).toEqual([])
  })
})

describe('starting auth', () => {
  it('forgets the sessions that expired meanwhile', async () => {
    const auth = await startTestAuth()
    const session = { id: randomUUID(), userId: randomUUID(), generation: 1, rotatedAt: 0, endedAt: null }
    await auth.stores.sessions.insert({ ...session, expiresAt: Date.now() - 1 })
    await auth.auth.start()
    const found = await auth.stores.sessions.find(session.id)
    await auth.close()
    expect(found).toBeUndefined()
  })
})
