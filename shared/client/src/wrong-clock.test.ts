import { createParleyClient } from './create-parley-client.ts'
import type { ParleyClient } from './parley-client.ts'
import { alice, createProtocolServer, problemFor, type ProtocolServer } from './testing/protocol-server.ts'

/** A replica whose clock is ahead finds every token too old, also the newest one. */
describe('a server of whose replicas one has a wrong clock', () => {
  const room = '00000000-0000-4000-8000-0000000000cc'
  let server: ProtocolServer
  let client: ParleyClient
  let sessionEnded: jest.Mock
  beforeEach(async () => {
    server = await createProtocolServer()
    client = createParleyClient({ url: server.url, backoff: { minMs: 5, maxMs: 20 } })
    sessionEnded = jest.fn()
    client.on('session-ended', sessionEnded)
    await client.logIn({ email: alice.email, password: 'x' })
  })
  afterEach(async () => {
    client.close()
    await server.stop()
  })

  const exchanges = () => server.requestsTo('POST /users/auth/refresh').length
  const everySecond = () => {
    let asked = 0
    return () => (asked += 1) % 2 === 1
  }
  const tooOld = { status: 401, body: problemFor('token-expired') }
  const isOpen = (route: string) => route.startsWith('POST /users/auth/')

  it('is asked again when one of two refuses, without a flood of exchanges, and the session goes on', async () => {
    const refuses = everySecond()
    server.fault = ({ route }) => (!isOpen(route) && refuses() ? tooOld : undefined)
    for (let times = 0; times < 30; times += 1) await client.users.me()
    expect(exchanges()).toBeLessThanOrEqual(3)
    expect(sessionEnded).not.toHaveBeenCalled()
  })

  it('gets every message, over sockets too', async () => {
    const refuses = everySecond()
    server.ackFault = (event) => (event === 'message:send' && refuses() ? 'token-expired' : undefined)
    await client.connect()
    for (let times = 0; times < 30; times += 1)
      await client.send({ conversationId: room, text: `message ${times}` })
    expect(server.timelines.get(room)).toHaveLength(30)
    expect(exchanges()).toBeLessThanOrEqual(3)
  })

  it('that refuses for good is not asked for ever, nor is the session ended for it', async () => {
    server.fault = ({ route }) => (isOpen(route) ? undefined : tooOld)
    await expect(client.users.me()).rejects.toMatchObject({ code: 'token-expired' })
    await expect(client.users.me()).rejects.toMatchObject({ code: 'token-expired' })
    expect(server.requestsTo('GET /users/me').length).toBeLessThanOrEqual(8)
    expect(exchanges()).toBeLessThanOrEqual(3)
    expect(sessionEnded).not.toHaveBeenCalled()

    server.fault = undefined
    await expect(client.users.me()).resolves.toEqual(alice)
  })
})
