import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { beganAt } from '@parley/contracts/session-began.ts'
import { createEndedSessions, type EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import { ask, codeOf, type GatewayUnderTest, heard, openGateway } from '../testing/open-gateway.ts'

describe('a session that has ended', () => {
  const alice = randomUUID()
  let ended: EndedSessions
  let opened: GatewayUnderTest
  beforeEach(async () => {
    ended = createEndedSessions()
    const issuer = createTestIssuer()
    opened = await openGateway({
      issuer: { ...issuer, verifyToken: ended.refuse(issuer.verifyToken) },
      ended,
    })
  })
  afterEach(() => opened.close())

  const connect = (sessionId: string, userId = alice) =>
    opened.connect(userId, opened.issuer.sign(userId, { sessionId }))
  const end = (sessionId: string, startedBefore?: number): void =>
    ended.add({
      sessionId,
      userId: alice,
      reason: 'refresh-token-reused',
      endedAt: Date.now(),
      tokensUntil: Date.now() + 900_000,
      ...(startedBefore === undefined ? {} : { startedBefore }),
    })

  it('loses its sockets, is told why, and gets no further one', async () => {
    const sessionId = randomUUIDv7()
    const [first, other] = [await connect(sessionId), await connect(randomUUIDv7())]
    const told = heard(first, 'session:ended')
    const closed = heard(first, 'disconnect')
    end(sessionId)
    expect(await told).toEqual({ reason: 'refresh-token-reused' })
    expect(await closed).toBe('io server disconnect')
    expect(opened.gateway.connections()).toBe(1)
    expect(await opened.metric('parley_realtime_closed_total', { cause: 'session-ended' })).toBe(1)
    expect(codeOf(await ask(other, 'presence:watch', { userIds: [] }))).toBeUndefined()
    await expect(connect(sessionId)).rejects.toMatchObject({ data: { code: 'token-invalid', status: 401 } })
    const token = opened.issuer.sign(alice, { sessionId })
    expect(codeOf(await ask(other, 'session:refresh', { token }))).toBe('token-invalid')
  })

  it('is every one that began before a mark of its user', async () => {
    const [first, second] = [randomUUIDv7(), randomUUIDv7()]
    await connect(first)
    await connect(second)
    const bob = await connect(first, randomUUID())
    end(randomUUIDv7(), beganAt(second) + 1)
    await eventually(() => expect(opened.gateway.connections()).toBe(1))
    expect(bob.connected).toBe(true)
  })

  it('while its socket shakes hands lets it not stay', async () => {
    const sessionId = randomUUIDv7()
    // Verified before it ended; the socket is there only afterwards.
    const token = opened.issuer.sign(alice, { sessionId })
    const client = opened.createClient({ token })
    opened.afterVerifying = () => end(sessionId)
    const gone = Promise.race([heard(client, 'disconnect'), heard(client, 'connect_error')])
    client.connect()
    await gone
    expect(opened.gateway.connections()).toBe(0)
  })
})
