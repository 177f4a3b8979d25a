import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import type { AuthStores } from '../stores.ts'
import { createEndSessions } from './end-sessions.ts'
import { createRefreshSession, type RefreshSession } from './refresh-session.ts'
import { createRefreshTokens } from './refresh-tokens.ts'

const sessionMs = 30 * 86_400_000
const sessionId = '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11'
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

    beforeEach(async () => {
      stores = await open()
      now = Date.parse('2026-01-02T03:04:05.678Z')
      reused = 0
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
        sessions: stores.sessions,
        endSessions: createEndSessions({ sessions: stores.sessions, relay: { offer: () => undefined } }),
        accessTokens: { issue: (owner) => ({ token: JSON.stringify(owner), expiresIn: 900 }) },
        refreshTokens,
        sessionMs,
        logger,
        reuses: { inc: () => (reused += 1) },
        now: () => now,
      })
    })
    afterEach(() => stores.close())

    const token = (generation: number): string => refreshTokens.issue({ sessionId, generation })
    const refused = { code: 'refresh-token-invalid' }
    const endReasons = async (): Promise<unknown[]> =>
      (await stores.outbox.pending(10)).map(({ event }) => 'reason' in event.data && event.data.reason)

    it('gives the next token and begins the session’s time anew', async () => {
      now += 1_000
      const answer = await refresh({ refreshToken: token(1) })
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
      const answers = await Promise.all(Array.from({ length: 5 }, () => refresh({ refreshToken: token(1) })))
      expect(new Set(answers.map(({ refreshToken }) => refreshToken))).toEqual(new Set([token(2)]))
      expect(await stores.sessions.find(sessionId)).toMatchObject({ generation: 2 })
    })

    it('gives the newest token again for the one before it, whatever the time, while the newest was never seen', async () => {
      await refresh({ refreshToken: token(1) })
      for (const pause of [0, 50_000, 86_400_000]) {
        now += pause
        expect(await refresh({ refreshToken: token(1) })).toMatchObject({ refreshToken: token(2) })
      }
      expect(await stores.sessions.find(sessionId)).toMatchObject({ generation: 2, endedAt: null })
      expect(await endReasons()).toEqual([])
      expect(reused).toBe(0)
    })

    it('ends the session for the token before a newest one that has been seen, so that nobody’s works', async () => {
      await refresh({ refreshToken: token(1) })
      await refresh({ refreshToken: token(1) })
      await refresh({ refreshToken: token(2) })
      await expect(refresh({ refreshToken: token(1) })).rejects.toMatchObject(refused)
      await expect(refresh({ refreshToken: token(3) })).rejects.toMatchObject(refused)
      await expect(refresh({ refreshToken: token(1) })).rejects.toMatchObject(refused)
      expect(await endReasons()).toEqual(['refresh-token-reused'])
      expect(reused).toBe(1)
      expect(lines).toEqual([expect.objectContaining({ level: 40, sessionId, userId })])
      expect(JSON.stringify(lines)).not.toContain(token(1))
    })

    it('refuses a token from the future, but ends nothing', async () => {
      await expect(refresh({ refreshToken: token(2) })).rejects.toMatchObject(refused)
      expect(await refresh({ refreshToken: token(1) })).toMatchObject({ refreshToken: token(2) })
    })

    it('refuses a session that expired, ended or never was', async () => {
      const stranger = refreshTokens.issue({ sessionId: userId, generation: 1 })
      await expect(refresh({ refreshToken: stranger })).rejects.toMatchObject(refused)
      await expect(refresh({ refreshToken: 'nonsense' })).rejects.toMatchObject(refused)
      now += sessionMs
      await expect(refresh({ refreshToken: token(1) })).rejects.toMatchObject(refused)
      expect(await endReasons()).toEqual([])
    })
  })
}
