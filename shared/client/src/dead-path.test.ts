import { type BadLine, openBadLine } from '@parley/testing/bad-line.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createParleyClient } from './create-parley-client.ts'
import type { ParleyClientOptions } from './options.ts'
import type { ParleyClient } from './parley-client.ts'
import {
  alice,
  bob,
  createProtocolServer,
  problemFor,
  type ProtocolServer,
} from './testing/protocol-server.ts'

const room = '00000000-0000-4000-8000-000000000001'

let server: ProtocolServer
let line: BadLine
let clients: ParleyClient[]

beforeEach(async () => {
  server = await createProtocolServer()
  line = await openBadLine(Number(new URL(server.url).port))
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.close()
  await line.close()
  await server.stop()
})

/** Alice, behind the line. Where it says nothing else, time-outs are as long as they are by themselves. */
async function logInAlice(options: Partial<ParleyClientOptions> = {}) {
  const client = createParleyClient({
    url: `http://127.0.0.1:${line.port}`,
    backoff: { minMs: 5, maxMs: 50 },
    ...options,
  })
  clients.push(client)
  const told: unknown[] = []
  client.on('entry', ({ body }) => told.push(body.text))
  client.on('state', (state) => told.push(state))
  client.on('limited', (limited) => told.push(limited ?? 'not limited'))
  await client.logIn({ email: alice.email, password: 'correct horse battery' })
  return { client, told, stored: () => server.timelines.get(room)?.map(({ body }) => body.text) }
}

describe('on a path that died without a word', () => {
  it('a message goes out by another way at once, is stored once, and the connection is a new one', async () => {
    const { client, told, stored } = await logInAlice({ ackTimeoutMs: 200 })
    await client.connect()
    // As a mobile network does: connections that stand, those of HTTP too, carry nothing any more.
    line.bury()
    const sent = await client.send({ conversationId: room, text: 'hello' })
    expect(sent.seq).toBe(1)
    await eventually(() => expect(client.state).toBe('live'))
    expect(told.slice(0, 4)).toEqual(['connecting', 'catching-up', 'live', 'connecting'])
    server.say(room, bob, 'hello Alice')
    await eventually(() => expect(told).toContain('hello Alice'))
    expect(stored()).toEqual(['hello', 'hello Alice'])
  }, 12_000)

  it('a link whose server is only slow is kept, as long as anything comes', async () => {
    const { client, told } = await logInAlice({ ackTimeoutMs: 200 })
    await client.connect()
    server.ackFault = () => {
      server.deliver(server.say(room, bob, 'there is something'))
      return 'lost'
    }
    await client.send({ conversationId: room, text: 'hello' })
    await eventually(() => expect(told).toContain('hello'))
    expect(told.filter((one) => one === 'connecting')).toHaveLength(1)
    expect(client.state).toBe('live')
  })
})

describe.each(['refuse', 'swallow'] as const)('where a proxy does not let sockets through (%s)', (fate) => {
  it('entries come all the same, and the client says that they come late', async () => {
    const { client, told, stored } = await logInAlice({ pollEveryMs: 100, connectTimeoutMs: 500 })
    line.upgrades(fate)
    client.connect().catch(() => undefined)
    await eventually(() => expect(client.limited).toBe('no-socket'))
    expect(client.state).toBe('connecting')

    server.say(room, bob, 'hello')
    await eventually(() => expect(told).toContain('hello'))
    await client.send({ conversationId: room, text: 'hello Bob' })
    await eventually(() => expect(told).toContain('hello Bob'))
    expect(await client.receipts.advance(room, { read: 1 })).toMatchObject({ read: 1 })
    await eventually(() =>
      expect(server.requestsTo('POST receipts').map(({ body }) => body)).toContainEqual({ delivered: 1 }),
    )
    expect(told).toEqual(['connecting', 'no-socket', 'hello', 'hello Bob'])
    expect(stored()).toEqual(['hello', 'hello Bob'])

    line.upgrades('pass')
    await eventually(() => expect(client.state).toBe('live'))
    expect(client.limited).toBeUndefined()
    expect(told.slice(-3)).toEqual(['not limited', 'catching-up', 'live'])
  }, 20_000)

  it('it does not say so while nothing answers', async () => {
    const { client, told } = await logInAlice({ pollEveryMs: 50, connectTimeoutMs: 200 })
    line.upgrades(fate)
    server.fault = () => 'cut-before'
    client.connect().catch(() => undefined)
    await eventually(() => expect(server.requestsTo('GET /chat/heads').length).toBeGreaterThan(3))
    expect(told).toEqual(['connecting'])
  })
})

describe('while the gateway has too many sockets of the user', () => {
  it('entries come all the same, and the client says why they come late', async () => {
    const { client, told } = await logInAlice({ pollEveryMs: 50 })
    server.refuseSockets = Infinity
    client.connect().catch(() => undefined)
    await eventually(() => expect(client.limited).toBe('too-many-sockets'))
    await eventually(() => expect(client.positions()).toBeDefined())
    server.say(room, bob, 'hello')
    await eventually(() => expect(told).toContain('hello'))
    expect(client.limited).toBe('too-many-sockets')
    server.refuseSockets = 0
    await eventually(() => expect(client.state).toBe('live'))
    expect(told.slice(told.indexOf('too-many-sockets'))).toEqual([
      'too-many-sockets',
      'hello',
      'not limited',
      'catching-up',
      'live',
    ])
  })

  it('a refresh that has to wait is not taken for that', async () => {
    const { client, told } = await logInAlice({ pollEveryMs: 50 })
    server.accessTokens.clear()
    let refusals = 0
    server.fault = ({ route }) => {
      if (route !== 'POST /users/auth/refresh' || refusals === 2) return undefined
      refusals += 1
      return { status: 429, body: problemFor('rate-limited') }
    }
    await client.connect()
    expect(refusals).toBe(2)
    expect(told).not.toContain('too-many-sockets')
  })
})

describe('while the server answers 500 all the time', () => {
  it.each(['GET /chat/heads', 'GET timeline'])('to %s, a client that catches up says so', async (route) => {
    server.say(room, bob, 'hello')
    server.fault = (request) =>
      request.route === route ? { status: 500, body: problemFor('internal') } : undefined
    const { client, told } = await logInAlice({ from: 'beginning' })
    const connected = client.connect()
    await eventually(() => expect(client.limited).toBe('server-failing'))
    expect(client.state).toBe('catching-up')
    server.fault = undefined
    await connected
    expect(client.limited).toBeUndefined()
    expect(told.slice(0, 3)).toEqual(['connecting', 'catching-up', 'server-failing'])
    expect(told).toContain('hello')
    expect(told.at(-1)).toBe('live')
  })
})
