import { join } from 'node:path'
import { memoryLimiterFor } from '@parley/platform/limits/limiter.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { authConfig } from '../config.ts'
import { createAuthLimits } from '../limits/auth-limits.ts'
import { openSqliteAuthStores } from '../stores.sqlite.ts'
import type { AuthStores } from '../stores.ts'
import { anybody } from '../users/anybody.ts'
import { exampleUser } from '../users/example-user.ts'
import { createPasswords } from '../users/passwords.ts'
import { createDeviceTokens } from './device-tokens.ts'
import { createLogIn, type LogIn } from './log-in.ts'
import { createRefreshTokens } from './refresh-tokens.ts'

const password = 'correct horse battery'
const [alice, bob] = ['alice@example.com', 'bob@example.com']
const [home, elsewhere] = ['192.0.2.1', '198.51.100.9']

describe('guessing passwords', () => {
  const folder = createTemporaryFolder()
  const passwords = createPasswords({ cost: 4, concurrency: 2 })
  let stores: AuthStores
  let logIn: LogIn
  let noted: [event: string, about: object | undefined][]
  beforeAll(async () => {
    stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
    const passwordHash = await passwords.hash(password, anybody)
    for (const email of [alice, bob]) await stores.users.insert(...exampleUser({ email, passwordHash }))
  })
  afterAll(async () => {
    await stores.close()
    folder.remove()
  })

  beforeEach(() => begin())
  function begin(settings: Record<string, number> = {}, limiterFor = memoryLimiterFor): void {
    noted = []
    logIn = createLogIn({
      users: stores.users,
      sessions: stores.sessions,
      passwords,
      limits: createAuthLimits({ config: authConfig.parse(settings), limiterFor }),
      accessTokens: { issue: () => ({ token: 'token', expiresIn: 900 }) },
      refreshTokens: createRefreshTokens('the secret'),
      deviceTokens: createDeviceTokens('the secret'),
      sessionMs: 60_000,
      maxSessions: 100,
      endSessions: () => Promise.resolve(),
      security: { note: (event, about) => void noted.push([event, about]) },
    })
  }

  const guess = (email: string, address: string, device?: string): Promise<string> =>
    logIn({ email, password: 'wrong', ...(device !== undefined && { device }) }, address).then(
      () => 'in',
      ({ code }: { code: string }) => code,
    )
  async function guessTimes(
    times: number,
    email: string,
    address: string,
    device?: string,
  ): Promise<string[]> {
    const answers = []
    for (let time = 0; time < times; time += 1) answers.push(await guess(email, address, device))
    return answers
  }
  const enter = (email: string, address: string, device?: string): ReturnType<LogIn> =>
    logIn({ email, password, ...(device !== undefined && { device }) }, address)
  const countOf = (answers: readonly string[], code: string): number =>
    answers.filter((answer) => answer === code).length

  it('from elsewhere locks nobody out', async () => {
    const answers = await guessTimes(15, alice, elsewhere)
    // Ten, and one that went through more slowly.
    expect(countOf(answers, 'invalid-credentials')).toBe(11)
    expect(countOf(answers, 'rate-limited')).toBe(4)
    await enter(alice, home)
  })

  it('from many places leaves each other place a try, and soon another one', async () => {
    for (let place = 0; place < 20; place += 1) await guessTimes(6, alice, `203.0.113.${place}`)
    expect(await guess(alice, '203.0.113.200')).toBe('invalid-credentials')
    expect(await guess(alice, '203.0.113.200')).toBe('rate-limited')
    await enter(alice, home)
    await enter(alice, home)
  })

  it('is slowed down, not locked: half a minute at most until the next try', async () => {
    await guessTimes(10, alice, elsewhere)
    expect(await guess(alice, elsewhere)).toBe('invalid-credentials')
    await expect(enter(alice, elsewhere)).rejects.toMatchObject({
      code: 'rate-limited',
      details: { retryAfterSeconds: 30 },
    })
  })

  it('of 101 accounts behind one address locks nobody out there', async () => {
    for (let count = 0; count < 101; count += 1) await guess(`somebody-${count}@example.com`, home)
    await eventually(async () => expect((await enter(alice, home)).user.email).toBe(alice))
  })

  it('costs an address nothing where it was refused because of the account', async () => {
    begin({ LOGIN_FAILURES_PER_ACCOUNT: 1, LOGIN_FAILURES_PER_ADDRESS: 4, AUTH_ATTEMPTS_PER_ADDRESS: 5 })
    const answers = await guessTimes(20, alice, home)
    expect(countOf(answers, 'rate-limited')).toBe(18)
    expect(await guess(bob, home)).toBe('invalid-credentials')
    expect((await enter('bob@example.com', elsewhere)).user.email).toBe(bob)
  })

  it('leaves nothing of the accounts in memory that an address asks for beyond its guesses', async () => {
    const asked = new Set<string>()
    begin({ LOGIN_FAILURES_PER_ADDRESS: 3 }, (options) => {
      const limiter = memoryLimiterFor(options)
      return {
        consume: (key) => (asked.add(key), limiter.consume(key)),
        reward: (key) => limiter.reward(key),
        delete: (key) => limiter.delete(key),
      }
    })
    const accounts = Array.from({ length: 50 }, (_, count) => `somebody-${count}@example.com`)
    const answers = await Promise.all(accounts.map((email) => guess(email, home)))
    expect(countOf(answers, 'rate-limited')).toBe(46)
    expect([...asked].filter((key) => key.includes('@')).length).toBeLessThanOrEqual(2 * 4)
  })

  it('from one /64 counts as from one address, and from one /48 nearly so', async () => {
    begin({ LOGIN_FAILURES_PER_ADDRESS: 3 })
    const accounts = Array.from({ length: 5 }, (_, count) => `somebody-${count}@example.com`)
    const answers = []
    for (const [index, email] of accounts.entries())
      answers.push(await guess(email, `2001:db8:1:2::${index}`))
    // One more is let through, more slowly.
    expect(countOf(answers, 'rate-limited')).toBe(1)

    const far = []
    for (let network = 0; network < 15; network += 1)
      far.push(await guess(`far-${network}@example.com`, `2001:db8:9:${network}::1`))
    expect(countOf(far, 'invalid-credentials')).toBe(10)
    expect(await guess('other@example.com', '2001:db8:a:1::1')).toBe('invalid-credentials')
  })

  it('and the ports that some proxies add make no other addresses', async () => {
    begin({ LOGIN_FAILURES_PER_ACCOUNT: 2 })
    const answers = []
    for (let port = 5_000; port < 5_005; port += 1) answers.push(await guess(alice, `${home}:${port}`))
    expect(countOf(answers, 'rate-limited')).toBe(2)
  })

  it('does not hold up a device that was logged in before, and a device’s own guesses do not pass', async () => {
    const { device } = await enter(alice, home)
    await guessTimes(12, alice, home)
    await expect(enter(alice, home)).rejects.toMatchObject({ code: 'rate-limited' })
    expect(await enter(alice, home, device)).toHaveProperty('device')

    const answers = await guessTimes(13, alice, elsewhere, device)
    expect(countOf(answers, 'rate-limited')).toBe(2)
    // It is known to this account only, so it is one of many for another.
    expect(countOf(await guessTimes(13, bob, elsewhere, device), 'rate-limited')).toBe(2)
  })

  it('is noted, without an e-mail address', async () => {
    const { user } = await enter(alice, home)
    await guessTimes(12, alice, '2001:db8::1')
    await guess('nobody@example.com', home)
    const of = (event: string): (object | undefined)[] =>
      noted.filter(([name]) => name === event).map(([, about]) => about)
    const network = '2001:db8:0:0::/64'
    expect(of('login-failed')).toHaveLength(12)
    expect(of('login-failed')[0]).toEqual({ userId: user.id, network, reason: 'wrong-password' })
    expect(of('login-failed').at(-1)).toEqual({ network: home, reason: 'unknown-account' })
    expect(of('login-slowed')).toEqual([{ userId: user.id, network }])
    expect(JSON.stringify(noted)).not.toContain('@')
  })
})
