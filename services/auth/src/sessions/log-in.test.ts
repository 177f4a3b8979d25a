import { join } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { authConfig } from '../config.ts'
import { createAuthLimits } from '../limits/auth-limits.ts'
import { memoryLimiterFor } from '@parley/platform/limits/limiter.ts'
import { openSqliteAuthStores } from '../stores.sqlite.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from '../users/example-user.ts'
import { createPasswords, type Passwords } from '../users/passwords.ts'
import { createLogIn, type LogIn } from './log-in.ts'
import { createRefreshTokens } from './refresh-tokens.ts'

const limits = { LOGIN_FAILURES_PER_ACCOUNT: 1, LOGIN_FAILURES_PER_ADDRESS: 1 }
const request = { email: 'alice@example.com', password: 'correct horse battery' }

describe('log-in', () => {
  const folder = createTemporaryFolder()
  let stores: AuthStores
  beforeAll(async () => {
    stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
    const passwordHash = await createPasswords({ cost: 4, concurrency: 1 }).hash(request.password)
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
      sessionMs: 60_000,
    })

  it('that is turned away under load counts as no failure', async () => {
    const logIn = createWith(createPasswords({ cost: 4, concurrency: 1, maxWaiting: 0 }))
    for (let time = 0; time < 3; time += 1) {
      await expect(logIn(request, '192.0.2.1')).rejects.toMatchObject({ code: 'overloaded' })
    }
  })

  it('compares no password once the limit is reached', async () => {
    let compared = 0
    const passwords = createPasswords({ cost: 4, concurrency: 1 })
    const logIn = createWith({
      ...passwords,
      matches(password, hash) {
        compared += 1
        return passwords.matches(password, hash)
      },
    })
    await expect(logIn({ ...request, password: 'wrong' }, '192.0.2.1')).rejects.toMatchObject({
      code: 'invalid-credentials',
    })
    await expect(logIn(request, '192.0.2.2')).rejects.toMatchObject({
      code: 'rate-limited',
      details: { retryAfterSeconds: 900 },
    })
    expect(compared).toBe(1)
  })

  it('is not open when the limits cannot be asked', async () => {
    const broken = new Error('no answer')
    const logIn = createWith(createPasswords({ cost: 4, concurrency: 1 }), (options) => ({
      ...memoryLimiterFor(options),
      consume: () => Promise.reject(broken),
    }))
    await expect(logIn(request, '192.0.2.1')).rejects.toBe(broken)
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
