import { login, logout, logoutEverywhere, refresh, refreshResponse } from '@parley/contracts/sessions.ts'
import { getMe } from '@parley/contracts/users.ts'
import { type Answer, problemOf } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { password, refreshSecret, startTestAuth, type TestAuth } from '../test-auth.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { newSessionId } from './session-id.ts'

const email = 'alice@example.com'

describe('session routes', () => {
  let auth: TestAuth
  beforeEach(async () => {
    auth = await startTestAuth()
    await auth.register(email)
  })
  afterEach(() => auth.close())

  const tryPassword = (password: unknown, account: unknown = email, on = auth): Promise<Answer> =>
    on.call(login, { body: { email: account, password } })
  const tryRefresh = (refreshToken: string): Promise<Answer> => auth.call(refresh, { body: { refreshToken } })

  describe('logging in', () => {
    it('answers 200 with tokens that work, and with the user', async () => {
      const answer = await auth.logIn('ALICE@Example.com ')
      expect(answer).toMatchObject({ expiresIn: 900, user: { email } })
      expect((await auth.call(getMe, { token: answer.token })).status).toBe(200)
    })

    it('answers 404, the same for an unknown user and a wrong password', async () => {
      const [wrong, unknown] = [await tryPassword('wrong'), await tryPassword(password, 'bob@example.com')]
      expect([wrong.status, unknown.status]).toEqual([404, 404])
      const { correlationId: _first, ...saysWrong } = problemOf(wrong)
      const { correlationId: _second, ...saysUnknown } = problemOf(unknown)
      expect(saysWrong).toEqual(saysUnknown)
      expect(saysWrong.code).toBe('invalid-credentials')
      expect([...wrong.headers.keys()]).toEqual([...unknown.headers.keys()])
    })

    it.each([
      ['an operator as e-mail address', { $ne: null }, password],
      ['an operator as password', email, { $ne: null }],
      ['an empty password', email, ''],
      ['a password of 73 bytes', email, 'x'.repeat(73)],
      ['no e-mail address', null, password],
    ])('answers 400 to %s', async (_, email, password) => {
      expect((await tryPassword(password, email)).status).toBe(400)
    })
  })

  describe('guessing', () => {
    const statusesOf = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status)
    let limited: TestAuth
    afterEach(() => limited.close())

    const startLimited = async (settings: Record<string, number>): Promise<void> => {
      limited = await startTestAuth({ settings })
      await limited.register(email)
      await limited.register('bob@example.com')
    }

    it('is slowed down per account, also of nobody, also for the right password', async () => {
      await startLimited({ LOGIN_FAILURES_PER_ACCOUNT: 3 })
      for (const account of [email, 'nobody@example.com']) {
        const answers = []
        for (let guess = 0; guess < 4; guess += 1) answers.push(await tryPassword('wrong', account, limited))
        expect(statusesOf(answers)).toEqual([404, 404, 404, 404])
        const answer = await tryPassword(password, account.toUpperCase(), limited)
        expect(problemOf(answer)).toMatchObject({ status: 429, code: 'rate-limited' })
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(30)
      }
      expect((await tryPassword(password, 'bob@example.com', limited)).status).toBe(200)
    })

    it('cannot pass the limit in parallel', async () => {
      await startLimited({ LOGIN_FAILURES_PER_ACCOUNT: 3 })
      const guesses = Array.from({ length: 20 }, () => tryPassword('wrong', email, limited))
      const statuses = statusesOf(await Promise.all(guesses))
      expect(statuses.filter((status) => status === 404)).toHaveLength(4)
      expect(statuses.filter((status) => status === 429)).toHaveLength(16)
    })

    it('is forgiven by a login', async () => {
      await startLimited({ LOGIN_FAILURES_PER_ACCOUNT: 3, LOGIN_FAILURES_PER_ADDRESS: 5 })
      const answers = []
      for (const guess of ['wrong', 'wrong', password, 'wrong', 'wrong', password, password]) {
        answers.push(await tryPassword(guess, email, limited))
      }
      expect(statusesOf(answers)).toEqual([404, 404, 200, 404, 404, 200, 200])
    })

    it('is slowed down per address, whatever the accounts, and a device that is known does not wait', async () => {
      await startLimited({ LOGIN_FAILURES_PER_ADDRESS: 3 })
      const { device } = await limited.logIn(email)
      const guesses = Array.from({ length: 10 }, (_, guess) => `account-${guess}@example.com`)
      const answers = await Promise.all(guesses.map((account) => tryPassword('wrong', account, limited)))
      expect(statusesOf(answers)).toContain(429)
      const body = { email, password, device }
      const answer = await limited.call(login, { body })
      expect(answer.status).toBe(200)
      // One for somebody else, and one that was made up, are as good as none.
      expect((await limited.call(login, { body: { ...body, device: `${device}x` } })).status).toBe(429)
      const bobs = { email: 'bob@example.com', password, device }
      expect((await limited.call(login, { body: bobs })).status).toBe(429)
    })
  })

  describe('refreshing', () => {
    it('brings new tokens of the same session', async () => {
      const { refreshToken, token } = await auth.logIn(email)
      const fresh = refreshResponse.parse((await tryRefresh(refreshToken)).body)
      expect(fresh.refreshToken).not.toBe(refreshToken)
      const [before, after] = [await auth.auth.verifyToken(token), await auth.auth.verifyToken(fresh.token)]
      expect([after.sessionId, after.userId]).toEqual([before.sessionId, before.userId])
      expect((await tryRefresh(fresh.refreshToken)).status).toBe(200)
    })

    it('twice with one token brings the same next one', async () => {
      const { refreshToken } = await auth.logIn(email)
      const answers = [await tryRefresh(refreshToken), await tryRefresh(refreshToken)]
      const [first, second] = answers.map(({ body }) => refreshResponse.parse(body).refreshToken)
      expect(first).toBe(second)
    })

    it('after an answer that was lost brings the same next token, however late', async () => {
      const { refreshToken, token } = await auth.logIn(email)
      const { sessionId } = await auth.auth.verifyToken(token)
      // The exchange, as its device never heard of it: it slept for 50 s.
      const at = Date.now() - 50_000
      await auth.stores.sessions.advance(sessionId, 1, { rotatedAt: at, expiresAt: at + 86_400_000 })
      const answers = [await tryRefresh(refreshToken), await tryRefresh(refreshToken)]
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      const [first, second] = answers.map(({ body }) => refreshResponse.parse(body))
      expect(first?.refreshToken).toBe(second?.refreshToken)

      // Its newest token has been seen now, so the one before it means a leak.
      expect((await tryRefresh(first?.refreshToken ?? '')).status).toBe(200)
      expect((await tryRefresh(refreshToken)).status).toBe(401)
      expect((await auth.stores.sessions.find(sessionId))?.endedAt).not.toBeNull()
    })

    it('with an old token ends the session and says so', async () => {
      const { refreshToken, token } = await auth.logIn(email)
      const { sessionId, userId } = await auth.auth.verifyToken(token)
      const second = refreshResponse.parse((await tryRefresh(refreshToken)).body).refreshToken
      const third = refreshResponse.parse((await tryRefresh(second)).body).refreshToken
      for (const stale of [refreshToken, third]) {
        const answer = await tryRefresh(stale)
        expect(answer.status).toBe(401)
        expect(problemOf(answer).code).toBe('refresh-token-invalid')
      }
      await eventually(() => {
        expect(auth.events.at(-1)).toMatchObject({
          type: 'users.session-ended.v1',
          data: { sessionId, userId, reason: 'refresh-token-reused' },
        })
      })
    })

    it('refuses what is no refresh token', async () => {
      const { token } = await auth.logIn(email)
      expect((await tryRefresh(token)).status).toBe(401)
      expect((await auth.call(refresh, { body: { refreshToken: { $ne: null } } })).status).toBe(400)
    })
  })

  describe('logging out', () => {
    const ended = (): unknown[] =>
      auth.events.flatMap((event) => (event.type === 'users.session-ended.v1' ? [event.data] : []))

    it('ends this session once, and no other', async () => {
      const [here, elsewhere] = [await auth.logIn(email), await auth.logIn(email)]
      const { sessionId, userId } = await auth.auth.verifyToken(here.token)
      for (let time = 0; time < 2; time += 1) {
        expect((await auth.call(logout, { token: here.token })).status).toBe(204)
      }
      expect((await tryRefresh(here.refreshToken)).status).toBe(401)
      expect((await tryRefresh(elsewhere.refreshToken)).status).toBe(200)
      await auth.auth.close()
      expect(ended()).toEqual([{ sessionId, userId, reason: 'logout', tokensUntil: expect.any(String) }])
    })

    it('everywhere ends all sessions of the caller, and nobody else’s', async () => {
      await auth.register('bob@example.com')
      const bob = await auth.logIn('bob@example.com')
      const [first, second] = [await auth.logIn(email), await auth.logIn(email)]
      expect((await auth.call(logoutEverywhere, { token: first.token })).status).toBe(204)
      for (const { refreshToken } of [first, second]) {
        expect((await tryRefresh(refreshToken)).status).toBe(401)
      }
      expect((await tryRefresh(bob.refreshToken)).status).toBe(200)
      await auth.auth.close()
      expect(ended()).toHaveLength(2)
      for (const data of ended()) expect(data).toMatchObject({ reason: 'logout-everywhere' })
    })

    it('everywhere is a mark, not as much work as there are sessions', async () => {
      const { token, user, refreshToken } = await auth.logIn(email)
      const { sessionId } = await auth.auth.verifyToken(token)
      const at = Date.now()
      for (let count = 0; count < 1_000; count += 1) {
        const session = {
          id: newSessionId(at, 0),
          userId: user.id,
          generation: 1,
          rotatedAt: at,
          endedAt: null,
        }
        await auth.stores.sessions.insert({ ...session, expiresAt: at + 86_400_000 + count })
      }
      const [oldest] = await auth.stores.sessions.findActive(user.id, at, { skip: 999, limit: 1 })
      const tokens = createRefreshTokens(refreshSecret)
      const oldestToken = tokens.issue({ sessionId: oldest!.id, generation: 1 })
      expect((await auth.call(logoutEverywhere, { token })).status).toBe(204)
      for (const stale of [refreshToken, oldestToken]) expect((await tryRefresh(stale)).status).toBe(401)

      await auth.auth.close()
      expect(ended().length).toBeLessThanOrEqual(101)
      const marks = ended().filter((data) => 'startedBefore' in (data as object))
      expect(marks).toEqual([
        {
          sessionId,
          userId: user.id,
          reason: 'logout-everywhere',
          startedBefore: expect.any(String),
          tokensUntil: expect.any(String),
        },
      ])
    })

    it('everywhere lists all whose access tokens are still good, for processes that start later', async () => {
      const few = await startTestAuth({ settings: { SESSIONS_PER_USER: 2 } })
      const { id: userId } = await few.register(email)
      const { token } = await few.logIn(email)
      const at = Date.now()
      const times = { rotatedAt: at - 1_000, expiresAt: at + 86_400_000 }
      const ids = Array.from({ length: 7 }, () => newSessionId(at - 1_000, 0))
      for (const id of ids) {
        await few.stores.sessions.insert({ id, userId, generation: 1, ...times, endedAt: null })
      }
      expect((await few.call(logoutEverywhere, { token })).status).toBe(204)
      const listed = await few.stores.sessions.endedAfter({ endedAt: 0, id: '' }, 100)
      await few.close()
      expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
    })

    it('everywhere leaves those that begin afterwards, also where a clock is behind', async () => {
      const { token, user } = await auth.logIn(email)
      const ahead = Date.now() + 60_000
      const session = {
        id: newSessionId(ahead, 0),
        userId: user.id,
        generation: 1,
        rotatedAt: ahead,
        endedAt: null,
      }
      await auth.stores.sessions.insert({ ...session, expiresAt: ahead + 86_400_000 })
      expect((await auth.call(logoutEverywhere, { token })).status).toBe(204)
      const after = await auth.logIn(email)
      expect((await tryRefresh(after.refreshToken)).status).toBe(200)
    })

    it('ends the longest unused ones where a user has too many', async () => {
      const few = await startTestAuth({ settings: { SESSIONS_PER_USER: 3 } })
      await few.register(email)
      await few.register('bob@example.com')
      const bobs = await few.logIn('bob@example.com')
      const logins = []
      for (let count = 0; count < 5; count += 1) logins.push(await few.logIn(email))
      const answers = []
      for (const { refreshToken } of [...logins, bobs]) {
        answers.push((await few.call(refresh, { body: { refreshToken } })).status)
      }
      await few.close()
      expect(answers).toEqual([401, 401, 200, 200, 200, 200])
      expect(few.events.filter(({ type }) => type === 'users.session-ended.v1')).toHaveLength(2)
    })

    it('never ends the session that has just begun, also where others have longer to go', async () => {
      const few = await startTestAuth({ settings: { SESSIONS_PER_USER: 3 } })
      const { id: userId } = await few.register(email)
      // Of a time when `SESSION_DAYS` was more, or of a replica whose clock is ahead.
      const expiresAt = Date.now() + 300 * 86_400_000
      for (let count = 0; count < 4; count += 1) {
        const session = { id: newSessionId(Date.now(), 0), userId, generation: 1 }
        await few.stores.sessions.insert({ ...session, rotatedAt: Date.now(), expiresAt, endedAt: null })
      }
      const { refreshToken } = await few.logIn(email)
      const answer = await few.call(refresh, { body: { refreshToken } })
      await few.close()
      expect(answer.status).toBe(200)
      expect(few.events.filter(({ type }) => type === 'users.session-ended.v1')).toHaveLength(1)
    })

    it('has its access tokens refused, but for logging out again', async () => {
      const { token } = await auth.logIn(email)
      expect((await auth.call(getMe, { token })).status).toBe(200)
      await auth.call(logout, { token })
      for (const operation of [getMe, logoutEverywhere]) {
        const answer = await auth.call(operation, { token })
        expect([answer.status, problemOf(answer).code]).toEqual([401, 'token-invalid'])
      }
      expect((await auth.call(logout, { token })).status).toBe(204)
    })

    it('is listed for other services, and by no operation that clients can call', async () => {
      const { token } = await auth.logIn(email)
      const { sessionId, userId } = await auth.auth.verifyToken(token)
      await auth.call(logout, { token })
      const [session] = await auth.stores.sessions
        .endedAfter({ endedAt: 0, id: '' }, 10_000)
        .then((all) => all.filter(({ id }) => id === sessionId))
      expect(session).toMatchObject({ userId })
      expect((await fetch(`${auth.url}/internal/ended-sessions`)).status).toBe(404)
    })

    it('needs a token', async () => {
      expect((await auth.call(logout)).status).toBe(401)
      expect((await auth.call(logoutEverywhere)).status).toBe(401)
    })
  })
})
