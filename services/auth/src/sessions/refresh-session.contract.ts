import { createBucketsFor } from '@parley/platform/limits/buckets.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { beganAt } from '@parley/contracts/session-began.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { AuthStores } from '../stores.ts'
import { exampleUser } from '../users/example-user.ts'
import { createEndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { createEndSessions } from './end-sessions.ts'
import { createRefreshSession, type RefreshSession } from './refresh-session.ts'
import { createRefreshTokens } from './refresh-tokens.ts'

const sessionMs = 30 * 86_400_000
const lifetimeMs = 365 * 86_400_000
const sessionId = '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11'
const [home, elsewhere] = ['192.0.2.1', '198.51.100.9']
const userId = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'

/** How a session goes on, on every `SessionStore`. */
export function describeRefreshing(adapter: string, open: () => Promise<AuthStores>): void {
  describe(`refreshing on ${adapter}`, () => {
    const refreshTokens = createRefreshTokens('the secret')
    const { logger, lines } = createRecordingLogger()
    let stores: AuthStores
    let refresh: RefreshSession
    let now: number
    let reused: number
    let noted: [event: string, about: object | undefined][]

    beforeEach(async () => {
      stores = await open()
      now = Date.parse('2026-01-02T03:04:05.678Z')
      reused = 0
      noted = []
      lines.length = 0
      await stores.sessions.insert({
        id: sessionId,
        userId,
        generation: 1,
        rotatedAt: now,
        expiresAt: now + sessionMs,
        endedAt: null,
      })
      refresh = createRefreshSession({
        refreshes: createBucketsFor()({ name: 'refreshes', perSecond: 1, burst: 1_000 }),
        sessions: stores.sessions,
        endSessions: createEndSessions({
          sessions: stores.sessions,
          relay: { offer: () => undefined },
          ended: createEndedSessions(),
          tokenMs: 900_000,
        }),
        accessTokens: { issue: (owner) => ({ token: JSON.stringify(owner), expiresIn: 900 }) },
        refreshTokens,
        sessionMs,
        lifetimeMs,
        users: stores.users,
        placeOf: (_session, address) => address,
        security: { note: (event, about) => void noted.push([event, about]) },
        logger,
        reuses: { inc: () => (reused += 1) },
        now: () => now,
      })
    })
    afterEach(() => stores.close())

    const token = (generation: number): string => refreshTokens.issue({ sessionId, generation })
    const at = (generation: number, address = home): Promise<unknown> =>
      refresh({ refreshToken: token(generation) }, address)
    const refused = { code: 'refresh-token-invalid' }
    const endReasons = async (): Promise<unknown[]> =>
      (await stores.outbox.pending(10)).map(({ event }) => 'reason' in event.data && event.data.reason)

    it('gives the next token and begins the session’s time anew', async () => {
      now += 1_000
      const answer = await refresh({ refreshToken: token(1) }, home)
      expect(answer).toEqual({
        token: JSON.stringify({ userId, sessionId }),
        expiresIn: 900,
        refreshToken: token(2),
      })
      expect(await stores.sessions.find(sessionId)).toMatchObject({
        generation: 2,
        rotatedAt: now,
        expiresAt: now + sessionMs,
      })
    })

    it('gives all who come at once with one token the same next one', async () => {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => refresh({ refreshToken: token(1) }, home)),
      )
      expect(new Set(answers.map(({ refreshToken }) => refreshToken))).toEqual(new Set([token(2)]))
      expect(await stores.sessions.find(sessionId)).toMatchObject({ generation: 2 })
    })

    it('gives the newest token again for the one before it, whatever the time, while the newest was never seen', async () => {
      await refresh({ refreshToken: token(1) }, home)
      for (const pause of [0, 50_000, 86_400_000]) {
        now += pause
        expect(await refresh({ refreshToken: token(1) }, home)).toMatchObject({ refreshToken: token(2) })
      }
      expect(await stores.sessions.find(sessionId)).toMatchObject({ generation: 2, endedAt: null })
      expect(await endReasons()).toEqual([])
      expect(reused).toBe(0)
    })

    it('ends the session for the token before a newest one that has been seen, so that nobody’s works', async () => {
      await refresh({ refreshToken: token(1) }, home)
      await refresh({ refreshToken: token(1) }, home)
      await refresh({ refreshToken: token(2) }, home)
      await expect(refresh({ refreshToken: token(1) }, home)).rejects.toMatchObject(refused)
      await expect(refresh({ refreshToken: token(3) }, home)).rejects.toMatchObject(refused)
      await expect(refresh({ refreshToken: token(1) }, home)).rejects.toMatchObject(refused)
      expect(await endReasons()).toEqual(['refresh-token-reused'])
      expect(reused).toBe(1)
      expect(noted).toEqual([['refresh-reused', { sessionId, userId, network: home, reason: 'old-token' }]])
      expect(lines).toEqual([expect.objectContaining({ level: 40, sessionId, userId })])
      expect(JSON.stringify(lines)).not.toContain(token(1))
    })

    it('notices a thief who goes along, whoever of the two is first', async () => {
      for (const generation of [1, 2]) {
        await at(generation, elsewhere)
        now += 60_000
        await at(generation, home)
        now += 600_000
      }
      await at(3, home)
      await expect(at(3, elsewhere)).rejects.toMatchObject(refused)
      await expect(at(4, home)).rejects.toMatchObject(refused)
      expect(await endReasons()).toEqual(['refresh-token-reused'])
      expect(reused).toBe(1)
    })

    it('forgives answers that are lost now and then, and whoever asks at once from one place', async () => {
      let generation = 1
      for (const lost of [true, true, false, true, true, false]) {
        await at(generation)
        now += 60_000
        if (lost) for (const place of [elsewhere, home, elsewhere]) await at(generation, place)
        now += 600_000
        generation += 1
      }
      // Tabs that cannot take turns.
      for (let round = 0; round < 5; round += 1) {
        await Promise.all([at(generation), at(generation), at(generation)])
        now += 9_999
        await at(generation)
        now += 600_000
        generation += 1
      }
      expect(await endReasons()).toEqual([])
    })

    it('ends for good after its longest life, however often it is refreshed', async () => {
      let generation = 1
      const began = beganAt(sessionId)
      while (now + sessionMs < began + lifetimeMs) {
        now += sessionMs - 1
        await at(generation)
        generation += 1
      }
      const { expiresAt } = (await stores.sessions.find(sessionId)) ?? {}
      expect(expiresAt).toBe(began + lifetimeMs)
      now = began + lifetimeMs
      await expect(at(generation)).rejects.toMatchObject(refused)
    })

    it('refuses a session that all were ended with, also where nobody ended it by itself', async () => {
      await stores.users.insert(...exampleUser({ id: userId }))
      const end = (startedBefore: number): Promise<void> =>
        stores.users.endSessions(
          userId,
          createEvent('users.session-ended.v1', {
            source: 'urn:parley:auth',
            subject: userId,
            data: {
              sessionId: userId,
              userId,
              reason: 'logout-everywhere',
              startedBefore: new Date(startedBefore).toISOString(),
            },
          }),
        )
      await end(beganAt(sessionId))
      await at(1)
      await end(beganAt(sessionId) + 1)
      await expect(at(2)).rejects.toMatchObject(refused)
    })

    it('refuses a token from the future, but ends nothing', async () => {
      await expect(refresh({ refreshToken: token(2) }, home)).rejects.toMatchObject(refused)
      expect(await refresh({ refreshToken: token(1) }, home)).toMatchObject({ refreshToken: token(2) })
    })

    it('refuses a session that expired, ended or never was', async () => {
      const stranger = refreshTokens.issue({ sessionId: userId, generation: 1 })
      await expect(refresh({ refreshToken: stranger }, home)).rejects.toMatchObject(refused)
      await expect(refresh({ refreshToken: 'nonsense' }, home)).rejects.toMatchObject(refused)
      now += sessionMs
      await expect(refresh({ refreshToken: token(1) }, home)).rejects.toMatchObject(refused)
      expect(await endReasons()).toEqual([])
    })
  })
}
