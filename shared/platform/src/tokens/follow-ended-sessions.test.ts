import { randomUUID, randomUUIDv7 } from 'node:crypto'
import type { EndedSessionsPage } from '@parley/contracts/ended-sessions.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import { createEvent } from '../events/create-event.ts'
import { createMemoryEventBus } from '../events/event-bus.memory.ts'
import { createEndedSessions } from './ended-sessions.ts'
import { followEndedSessions } from './follow-ended-sessions.ts'

type Load = (after: string | undefined) => Promise<EndedSessionsPage>
const nothing: EndedSessionsPage = { ended: [], next: '1.', more: false }

describe('following ended sessions', () => {
  const issuer = createTestIssuer()
  const userId = randomUUID()
  const bus = createMemoryEventBus()
  const sessionOf = (sessionId: string) => ({
    sessionId,
    userId,
    endedAt: Date.now(),
    tokensUntil: Date.now() + 900_000,
  })

  const started: ReturnType<typeof followEndedSessions>[] = []
  function follow(load: Load, everyMs?: number) {
    const following = followEndedSessions({
      ended: createEndedSessions(),
      load,
      bus,
      service: 'test',
      logger: createSilentLogger(),
      ...(everyMs === undefined ? {} : { everyMs }),
    })
    started.push(following)
    return { following, verify: following.refuse(issuer.verifyToken) }
  }
  afterEach(() => Promise.all(started.splice(0).map((following) => following.close())))

  const refused = { code: 'token-invalid' }

  it('learns of each from an event, on every replica', async () => {
    const replicas = [follow(async () => nothing), follow(async () => nothing)]
    await Promise.all(replicas.map(({ following }) => following.start()))
    const sessionId = randomUUIDv7()
    const token = issuer.sign(userId, { sessionId })
    for (const { verify } of replicas) await expect(verify(token)).resolves.toMatchObject({ sessionId })
    await bus.publish([
      createEvent('users.session-ended.v1', {
        source: 'test',
        subject: sessionId,
        data: { sessionId, userId, reason: 'logout' },
      }),
    ])
    // Though it is remembered as good.
    for (const { verify } of replicas) await expect(verify(token)).rejects.toMatchObject(refused)
  })

  it('knows those from before it started ahead of the first token, page by page', async () => {
    const [first, second] = [randomUUIDv7(), randomUUIDv7()]
    const asked: (string | undefined)[] = []
    const { verify } = follow(async (after) => {
      asked.push(after)
      return after === undefined
        ? { ended: [sessionOf(first)], next: '5.x', more: true }
        : { ended: [sessionOf(second)], next: '6.', more: false }
    })
    for (const sessionId of [first, second]) {
      await expect(verify(issuer.sign(userId, { sessionId }))).rejects.toMatchObject(refused)
    }
    expect(asked).toEqual([undefined, '5.x'])
  })

  it('lets nobody in until it is known who has ended', async () => {
    const load = jest.fn<Promise<EndedSessionsPage>, [string | undefined]>(async () => nothing)
    load.mockRejectedValueOnce(new Error('ECONNREFUSED'))
    const { verify } = follow(load)
    const token = issuer.sign(userId)
    await expect(verify(token)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(verify(token)).resolves.toMatchObject({ userId })
    load.mockRejectedValue(new Error('ECONNREFUSED'))
    // What is known stays known.
    await expect(verify(token)).resolves.toMatchObject({ userId })
  })

  it('asks again and again for what no event told', async () => {
    const sessionId = randomUUIDv7()
    let page = nothing
    const { following, verify } = follow(async () => page, 10)
    await following.start()
    const token = issuer.sign(userId, { sessionId })
    await verify(token)
    page = { ended: [sessionOf(sessionId)], next: '2.', more: false }
    await eventually(() => expect(verify(token)).rejects.toMatchObject(refused))
  })
})
