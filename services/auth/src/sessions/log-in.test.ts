import { join } from 'node:path'
import { ParleyError } from '@parley/platform/parley-error.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { authConfig } from '../config.ts'
import { createAuthLimits } from '../limits/auth-limits.ts'
import { memoryLimiterFor } from '@parley/platform/limits/limiter.ts'
import { openSqliteAuthStores } from '../stores.sqlite.ts'
import type { AuthStores } from '../stores.ts'
import { anybody } from '../users/anybody.ts'
import { exampleUser } from '../users/example-user.ts'
import { createPasswords, type Passwords } from '../users/passwords.ts'
import { createDeviceTokens } from './device-tokens.ts'
import { createLogIn, type LogIn } from './log-in.ts'
import { createRefreshTokens } from './refresh-tokens.ts'

const limits = { LOGIN_FAILURES_PER_ACCOUNT: 1, LOGIN_FAILURES_PER_ADDRESS: 1 }
const request = { email: 'alice@example.com', password: 'correct horse battery' }

describe('log-in', () => {
  const folder = createTemporaryFolder()
  let stores: AuthStores
  beforeAll(async () => {
    stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
    const passwordHash = await createPasswords({ cost: 4, concurrency: 1 }).hash(request.password, anybody)
    await stores.users.insert(...exampleUser({ email: request.email, passwordHash }))
  })
  afterAll(async () => {
    await stores.close()
    folder.remove()
  })

  const createWith = (passwords: Passwords, limiterFor = memoryLimiterFor): LogIn =>
    createLogIn({
      users: stores.users,
      sessions: stores.sessions,
      passwords,
      limits: createAuthLimits({ config: authConfig.parse(limits), limiterFor }),
      accessTokens: { issue: () => ({ token: 'token', expiresIn: 900 }) },
      refreshTokens: createRefreshTokens('the secret'),
      deviceTokens: createDeviceTokens('the secret'),
      security: { note: () => undefined },
      sessionMs: 60_000,
      maxSessions: 100,
      endSessions: () => Promise.resolve(),
    })

  it('that is turned away under load counts as no failure', async () => {
    const overloaded = new ParleyError('overloaded')
    const passwords = createPasswords({ cost: 4, concurrency: 1 })
    const logIn = createWith({ ...passwords, matches: () => Promise.reject(overloaded) })
    for (let time = 0; time < 5; time += 1) {
      await expect(logIn(request, '192.0.2.1')).rejects.toBe(overloaded)
    }
  })

  it('compares no password once the limit is reached', async () => {
    let compared = 0
    const passwords = createPasswords({ cost: 4, concurrency: 1 })
    const logIn = createWith({
      ...passwords,
      matches(...compare) {
        compared += 1
        return passwords.matches(...compare)
      },
    })
    for (let time = 0; time < 2; time += 1) {
      await expect(logIn({ ...request, password: 'wrong' }, '192.0.2.1')).rejects.toMatchObject({
        code: 'invalid-credentials',
      })
    }
    await expect(logIn(request, '192.0.2.1')).rejects.toMatchObject({ code: 'rate-limited' })
    expect(compared).toBe(2)
  })

  it('is not open when the limits cannot be asked', async () => {
    const broken = new Error('no answer')
    const logIn = createWith(createPasswords({ cost: 4, concurrency: 1 }), (options) => ({
      ...memoryLimiterFor(options),
      consume: () => Promise.reject(broken),
    }))
    await expect(logIn(request, '192.0.2.1')).rejects.toBe(broken)
  })

  it('makes the hash of a password as costly as new ones are, when it is at hand', async () => {
    const email = 'early@example.com'
    const passwordHash = await createPasswords({ cost: 4, concurrency: 1 }).hash(request.password, anybody)
    const [user, event] = exampleUser({ email, passwordHash })
    await stores.users.insert(user, event)
    const logIn = createWith(createPasswords({ cost: 5, concurrency: 1 }))
    const hashNow = async (): Promise<string | undefined> =>
      (await stores.users.findById(user.id))?.passwordHash

    await expect(logIn({ email, password: 'wrong' }, '192.0.2.1')).rejects.toThrow()
    expect(await hashNow()).toBe(passwordHash)
    await logIn({ ...request, email }, '192.0.2.1')
    const stronger = await hashNow()
    expect(stronger).toMatch(/^\$2b\$05\$/)
    await logIn({ ...request, email }, '192.0.2.1')
    expect(await hashNow()).toBe(stronger)
  })

  it('begins a session that lasts as long as it should', async () => {
    const before = Date.now()
    const logIn = createWith(createPasswords({ cost: 4, concurrency: 1 }))
    const { refreshToken, user } = await logIn(request, '192.0.2.1')
    const session = await stores.sessions.find(String(refreshToken.split('.')[0]))
    expect(session).toMatchObject({ userId: user.id, generation: 1, endedAt: null })
    expect(session?.rotatedAt).toBeGreaterThanOrEqual(before)
    expect(Number(session?.expiresAt) - Number(session?.rotatedAt)).toBe(60_000)
  })
})
