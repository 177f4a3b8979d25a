import { refresh, refreshResponse } from '@parley/contracts/sessions.ts'
import { problemOf } from '@parley/testing/call-operation.ts'
import { startTestAuth, type TestAuth } from '../test-auth.ts'

describe('refreshing', () => {
  const [alice, bob] = ['alice@example.com', 'bob@example.com']
  let auth: TestAuth
  beforeEach(async () => {
    auth = await startTestAuth({ settings: { REFRESHES_PER_MINUTE: 4 } })
    await auth.register(alice)
    await auth.register(bob)
  })
  afterEach(() => auth.close())

  /** Goes on with a session, and says which token is its next one. */
  async function goOn(refreshToken: string): Promise<string> {
    return refreshResponse.parse((await auth.call(refresh, { body: { refreshToken } })).body).refreshToken
  }

  it('is so many times for all sessions of a user together', async () => {
    const sessions = [await auth.logIn(alice), await auth.logIn(alice)].map(
      ({ refreshToken }) => refreshToken,
    )
    for (const index of [0, 1, 0, 1]) sessions[index] = await goOn(sessions[index]!)
    for (const refreshToken of sessions) {
      const refused = await auth.call(refresh, { body: { refreshToken } })
      expect([refused.status, problemOf(refused).code]).toEqual([429, 'rate-limited'])
      expect(refused.headers.get('retry-after')).toBe('15')
    }
    expect(await goOn((await auth.logIn(bob)).refreshToken)).not.toBe('')
  })
})
