import { randomUUID, randomUUIDv7 } from 'node:crypto'
import type { EndedSession } from '@parley/contracts/ended-sessions.ts'
import { beganAt } from '@parley/contracts/session-began.ts'
import { createEndedSessions } from './ended-sessions.ts'
import type { Caller } from './verify-token.ts'

const lifeMs = 900_000

describe('ended sessions', () => {
  const alice = randomUUID()
  let time: number
  const now = () => time
  beforeEach(() => {
    time = Date.now()
  })

  const callerOf = (sessionId: string, userId = alice, issuedAt = time): Caller => ({
    userId,
    sessionId,
    issuedAt,
    expiresAt: issuedAt + lifeMs,
    token: sessionId,
  })
  const endOf = (sessionId: string, more: Partial<EndedSession> = {}): EndedSession => ({
    sessionId,
    userId: alice,
    endedAt: time,
    tokensUntil: time + lifeMs,
    ...more,
  })
  /** What becomes of a token, by the session that it is of. */
  const codeOf = (list: ReturnType<typeof createEndedSessions>, caller: Caller) =>
    list
      .refuse(() => Promise.resolve(caller))(caller.token)
      .then(
        () => 'good',
        ({ code }: { code: string }) => code,
      )

  it('have no token that is good, and others have', async () => {
    const list = createEndedSessions({ now })
    const [ended, other] = [randomUUIDv7(), randomUUIDv7()]
    expect(await codeOf(list, callerOf(ended))).toBe('good')
    list.add(endOf(ended))
    expect(await codeOf(list, callerOf(ended))).toBe('token-invalid')
    expect(await codeOf(list, callerOf(other))).toBe('good')
  })

  it('are all that a user began before a mark', async () => {
    const list = createEndedSessions({ now })
    const [first, second] = [randomUUIDv7(), randomUUIDv7()]
    const startedBefore = beganAt(second) + 1
    list.add(endOf(first, { startedBefore }))
    // Told again, without its mark, as the release before tells it.
    list.add(endOf(first))
    for (const sessionId of [first, second, randomUUID()]) {
      expect(await codeOf(list, callerOf(sessionId))).toBe('token-invalid')
    }
    expect(await codeOf(list, callerOf(second, randomUUID()))).toBe('good')
    const hex = startedBefore.toString(16).padStart(12, '0')
    const later = `${hex.slice(0, 8)}-${hex.slice(8)}-7c44-9d0b-6a1f1f0c2d11`
    expect(await codeOf(list, callerOf(later))).toBe('good')
  })

  it('are told to who listens, once', () => {
    const list = createEndedSessions({ now })
    const told: EndedSession[] = []
    list.onAdded((ended) => void told.push(ended))
    const ended = endOf(randomUUIDv7())
    list.add(ended)
    list.add({ ...ended })
    list.add(endOf(randomUUIDv7(), { tokensUntil: time }))
    expect(told).toEqual([ended])
  })

  it('are forgotten when their tokens have expired', () => {
    const list = createEndedSessions({ now })
    const ended = callerOf(randomUUIDv7())
    list.add(endOf(ended.sessionId, { startedBefore: time + 1 }))
    time += lifeMs
    list.add(endOf(randomUUIDv7(), { userId: randomUUID() }))
    expect(list.has(ended)).toBe(false)
  })

  it('are forgotten by the shorter of two times that were told', () => {
    const list = createEndedSessions({ now })
    const ended = callerOf(randomUUIDv7())
    list.add(endOf(ended.sessionId, { tokensUntil: time + 96 * lifeMs }))
    list.add(endOf(ended.sessionId))
    expect(list.has(ended)).toBe(true)
    time += lifeMs
    list.add(endOf(randomUUIDv7()))
    expect(list.has(ended)).toBe(false)
  })

  it('are refused also beyond what is remembered; who is honest exchanges the token', async () => {
    const list = createEndedSessions({ most: 10, now })
    const ended = Array.from({ length: 11 }, () => callerOf(randomUUIDv7(), randomUUID()))
    const honest = callerOf(randomUUIDv7(), randomUUID())
    time += 1_000
    for (const { sessionId, userId } of ended) list.add(endOf(sessionId, { userId }))
    const codes = await Promise.all(ended.map((caller) => codeOf(list, caller)))
    expect(codes).toEqual([
      ...Array.from({ length: 5 }, () => 'token-expired'),
      ...Array.from({ length: 6 }, () => 'token-invalid'),
    ])
    expect(await codeOf(list, honest)).toBe('token-expired')
    expect(await codeOf(list, { ...honest, issuedAt: time })).toBe('good')
  })
})
