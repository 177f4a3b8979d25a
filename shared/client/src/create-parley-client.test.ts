import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createParleyClient } from './create-parley-client.ts'
import type { ClientEvents, ClientState } from './events/client-events.ts'
import type { ParleyClientOptions, SavedPositions } from './options.ts'
import type { ParleyClient } from './parley-client.ts'
import type { UnsentMessage } from './sending/unsent.ts'
import type { SavedSession } from './session/saved-session.ts'
import {
  alice,
  bob,
  createProtocolServer,
  problemFor,
  type ProtocolServer,
} from './testing/protocol-server.ts'
import type { Resync } from './timeline/resync.ts'

const room = '00000000-0000-4000-8000-000000000001'
const other = '00000000-0000-4000-8000-000000000002'

let server: ProtocolServer
let clients: ParleyClient[]

beforeEach(async () => {
  server = await createProtocolServer()
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.close()
  await server.stop()
})

/** Alice's client, and the texts that it has handed out. */
async function logInAlice(options: Partial<ParleyClientOptions> = {}) {
  const client = createParleyClient({
    url: server.url,
    backoff: { minMs: 5, maxMs: 50 },
    holeGraceMs: 5,
    ackTimeoutMs: 200,
    ...options,
  })
  clients.push(client)
  const entries: TimelineEntry[] = []
  client.on('entry', (entry) => entries.push(entry))
  await client.logIn({ email: alice.email, password: 'correct horse battery' })
  return { client, texts: () => entries.map(({ body }) => body.text) }
}

const next = <N extends keyof ClientEvents>(
  client: ParleyClient,
  name: N,
  matches: (value: ClientEvents[N]) => boolean = () => true,
): Promise<ClientEvents[N]> =>
  new Promise((resolve) => {
    const stop = client.on(name, (value) => {
      if (!matches(value)) return
      stop()
      resolve(value)
    })
  })
const live = (client: ParleyClient): Promise<unknown> => next(client, 'state', (state) => state === 'live')

describe('entries', () => {
  it('come as they happen, the client’s own included, and history does not', async () => {
    server.say(room, bob, 'long ago')
    const { client, texts } = await logInAlice()
    const states: ClientState[] = []
    client.on('state', (state) => states.push(state))
    expect(client.positions()).toBeUndefined()
    await client.connect()
    expect(states).toEqual(['connecting', 'catching-up', 'live'])

    server.say(room, bob, 'one')
    const sent = await client.send({ conversationId: room, text: 'two' })
    server.say(other, bob, 'new conversation')
    await eventually(() => expect(texts()).toEqual(['one', 'two', 'new conversation']))
    expect(sent).toMatchObject({ seq: 3, senderId: alice.id, body: { text: 'two' } })
    expect(client.position(room)).toBe(3)
  })

  it('come from the beginning when the app wants it', async () => {
    server.pageSize = 2
    for (const text of ['one', 'two', 'three', 'four', 'five']) server.say(room, bob, text)
    const { client, texts } = await logInAlice({ from: 'beginning' })
    await client.connect()
    expect(texts()).toEqual(['one', 'two', 'three', 'four', 'five'])
  })

  it('go on after stored positions, also in conversations that are new since', async () => {
    server.say(room, bob, 'one')
    const first = await logInAlice()
    await first.client.connect()
    server.say(room, bob, 'two')
    await eventually(() => expect(first.texts()).toEqual(['two']))
    const from = JSON.parse(JSON.stringify(first.client.positions())) as SavedPositions
    first.client.close()

    server.say(room, bob, 'three')
    server.say(other, bob, 'hello')
    const second = await logInAlice({ from })
    await second.client.connect()
    expect(second.texts().toSorted()).toEqual(['hello', 'three'])
  })

  it('are not lost between connecting and knowing where now is', async () => {
    server.say(room, bob, 'one')
    server.fault = ({ route }) => {
      // Said after the socket was there and before the heads are read, so a part of them.
      if (route === 'GET /chat/heads' && server.requestsTo(route).length === 1) {
        server.say(room, bob, 'two')
        server.delivers = false
        server.say(room, bob, 'three')
      }
      return undefined
    }
    const { client, texts } = await logInAlice()
    await client.connect()
    await eventually(() => expect(texts()).toEqual(['two', 'three']))
  })

  it('that the socket lost are fetched when the next one shows the hole', async () => {
    const { client, texts } = await logInAlice()
    await client.connect()
    server.delivers = false
    server.say(room, bob, 'one')
    server.say(room, bob, 'two')
    server.delivers = true
    server.deliver(server.say(room, bob, 'three'))
    await eventually(() => expect(texts()).toEqual(['one', 'two', 'three']))
  })

  it('that the socket lost are found without a hole, by comparing heads', async () => {
    const { client, texts } = await logInAlice({ headsEveryMs: 20 })
    await client.connect()
    server.delivers = false
    server.say(room, bob, 'one')
    await eventually(() => expect(texts()).toEqual(['one']))
    expect(client.state).toBe('live')
  })

  it('that came while the server was away or failing are fetched before the client is live', async () => {
    const { client, texts } = await logInAlice()
    await client.connect()
    await server.stop()
    await eventually(() => expect(client.state).toBe('connecting'))
    server.say(room, bob, 'one')
    let failures = 0
    server.fault = ({ route }) => {
      const mayFail = route === 'GET timeline' || route === 'GET /chat/heads'
      return mayFail && failures++ < 4 ? { status: 502, body: '<html>Bad gateway</html>' } : undefined
    }
    const isLive = live(client)
    await server.start()
    await isLive
    expect(texts()).toEqual(['one'])
    expect(failures).toBeGreaterThan(4)
  })
})

describe('sending', () => {
  it('stores a message once although acks and answers are lost', async () => {
    const { client, texts } = await logInAlice()
    await client.connect()
    server.ackFault = () => 'lost'
    server.fault = ({ route }) => (server.requestsTo(route).length === 1 ? 'cut-after' : undefined)
    const entry = await client.send({ conversationId: room, text: 'hello' })

    expect(entry.seq).toBe(1)
    expect(server.requestsTo('POST messages').length).toBeGreaterThan(0)
    expect(server.timelines.get(room)).toHaveLength(1)
    expect(texts()).toEqual(['hello'])
  })

  it('goes on over a restart of the server, in order', async () => {
    const { client, texts } = await logInAlice()
    await client.connect()
    await server.stop()
    const sent = Promise.all(
      ['one', 'two', 'three'].map((text) => client.send({ conversationId: room, text })),
    )
    await eventually(() => expect(client.state).toBe('connecting'))
    await server.start()
    expect((await sent).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(texts()).toEqual(['one', 'two', 'three'])
  })

  it('needs no connection, nor a conversation', async () => {
    const { client } = await logInAlice()
    const entry = await client.send({ to: bob.id, text: 'hello', clientId: 'my-own' })
    expect(entry).toEqual(server.timelines.get(`direct-${bob.id}`)?.[0])
    expect(entry.clientId).toBe('my-own')
  })

  it('says when a message is refused for good, and goes on with the next one', async () => {
    const { client } = await logInAlice()
    await client.connect()
    server.ackFault = () => 'conversation-not-found'
    const refused = client.send({ conversationId: room, text: 'one' })
    const accepted = client.send({ conversationId: room, text: 'two' })
    await expect(refused).rejects.toMatchObject({ code: 'conversation-not-found', problem: { status: 404 } })
    server.ackFault = undefined
    await expect(accepted).resolves.toMatchObject({ seq: 1 })
  })

  it('renews a token that the gateway finds too old, and is accepted then', async () => {
    const { client } = await logInAlice()
    await client.connect()
    server.ackFault = (event) => (event === 'message:send' ? 'token-expired' : undefined)
    await client.send({ conversationId: room, text: 'hello' })
    expect(server.requestsTo('POST /users/auth/refresh')).toHaveLength(1)
    expect(server.timelines.get(room)).toHaveLength(1)
  })

  it('and everything else ends for good with close()', async () => {
    const { client } = await logInAlice()
    const held = Promise.withResolvers<undefined>()
    server.fault = ({ route }) => (route === 'GET /users/me' ? held.promise : undefined)
    const asked = client.users.me()
    await eventually(() => expect(server.requestsTo('GET /users/me')).toHaveLength(1))
    client.close()
    const closed = { code: 'closed' }
    await expect(asked).rejects.toMatchObject(closed)
    held.resolve(undefined)
    await expect(client.users.me()).rejects.toMatchObject(closed)
    await expect(client.connect()).rejects.toMatchObject(closed)
    await expect(client.send({ conversationId: room, text: 'late' })).rejects.toMatchObject(closed)
    expect(client.state).toBe('offline')
  })

  it('ends when the app gives up or closes the client', async () => {
    const { client } = await logInAlice()
    server.fault = ({ route }) => (route === 'POST messages' ? 'cut-before' : undefined)
    const givingUp = new AbortController()
    const first = client.send({ conversationId: room, text: 'one' }, { signal: givingUp.signal })
    const second = client.send({ conversationId: room, text: 'two' })
    await eventually(() => expect(server.requestsTo('POST messages').length).toBeGreaterThan(1))
    givingUp.abort(new Error('changed my mind'))
    await expect(first).rejects.toThrow('changed my mind')
    client.close()
    await expect(second).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('unsent messages', () => {
  it('are told on each change, and survive the end of the app', async () => {
    const first = await logInAlice()
    const lists: string[][] = []
    first.client.on('unsent', (list) => lists.push(list.map(({ text, lastError = '' }) => text + lastError)))
    server.fault = ({ route }) => (route === 'POST messages' ? 'cut-after' : undefined)
    const sends = ['one', 'two'].map((text) => first.client.send({ conversationId: room, text }))
    await eventually(() => expect(lists.at(-1)).toEqual(['oneunavailable', 'two']))
    first.client.close()
    await Promise.all(sends.map((sent) => expect(sent).rejects.toMatchObject({ code: 'closed' })))
    const saved = JSON.parse(JSON.stringify(first.client.unsent())) as UnsentMessage[]
    expect(lists.at(-1)).toHaveLength(2)

    server.fault = undefined
    const second = await logInAlice()
    await Promise.all(saved.map((message) => second.client.send(message)))
    expect(server.timelines.get(room)?.map(({ body }) => body.text)).toEqual(['one', 'two'])
    expect(second.client.unsent()).toEqual([])
  })

  it('are still told when the session ends, for the next login', async () => {
    const { client } = await logInAlice({ backoff: { minMs: 60_000, maxMs: 60_000 } })
    server.fault = ({ route }) => (route === 'POST messages' ? 'cut-before' : undefined)
    const sent = client.send({ conversationId: room, text: 'hello' })
    await eventually(() => expect(client.unsent()[0]?.attempts).toBe(1))
    const unsentAtEnd: number[] = []
    client.on('session', () => unsentAtEnd.push(client.unsent().length))
    await client.logOut()
    await expect(sent).rejects.toMatchObject({ code: 'not-logged-in' })
    expect(unsentAtEnd).toEqual([1])
    expect(client.unsent()).toEqual([])
  })

  it('are bounded', async () => {
    const { client } = await logInAlice({ maxUnsent: 1 })
    const first = client.send({ conversationId: room, text: 'one' })
    const second = client.send({ conversationId: room, text: 'two' })
    await expect(second).rejects.toMatchObject({ code: 'queue-full', problem: undefined })
    await first
    await expect(client.send({ conversationId: room, text: 'three' })).resolves.toMatchObject({ seq: 2 })
  })
})

describe('resyncs', () => {
  it('say what was recovered, and why it was missing', async () => {
    server.say(room, bob, 'one')
    const { client, texts } = await logInAlice({ from: 'beginning', headsEveryMs: 50 })
    const resyncs: Resync[] = []
    client.on('resync', (resync) => resyncs.push(resync))
    await client.connect()
    expect(resyncs).toMatchObject([{ cause: 'connect', conversations: 1, entries: 1 }])

    server.delivers = false
    server.say(room, bob, 'two')
    server.say(other, bob, 'three')
    await eventually(() => expect(texts()).toHaveLength(3))
    await eventually(() =>
      expect(resyncs[1]).toMatchObject({ cause: 'comparison', conversations: 2, entries: 2 }),
    )

    const isLive = live(client)
    await server.stop()
    await server.start()
    await isLive
    expect(resyncs[2]).toMatchObject({ cause: 'reconnect', conversations: 0, entries: 0 })
    expect(resyncs.every(({ ms }) => ms >= 0)).toBe(true)
  })

  it('fill a hole that an entry shows', async () => {
    const { client, texts } = await logInAlice()
    await client.connect()
    const resync = next(client, 'resync', ({ cause }) => cause === 'hole')
    server.delivers = false
    server.say(room, bob, 'one')
    server.deliver(server.say(room, bob, 'two'))
    await expect(resync).resolves.toMatchObject({ conversations: 1, entries: 1 })
    expect(texts()).toEqual(['one', 'two'])
  })
})

describe('the connection', () => {
  it('comes back after the server ended it, and watches presence again', async () => {
    const { client } = await logInAlice()
    await client.connect()
    client.presence.watch([alice.id, bob.id])
    await next(client, 'presence', ({ userId, online }) => userId === bob.id && online)

    const isLive = live(client)
    for (const socket of server.sockets()) socket.disconnect(true)
    await isLive
    await eventually(() => expect(server.commandsOf('presence:watch')).toHaveLength(2))
  })

  it('asks again about presence when the server was asked too much', async () => {
    const { client } = await logInAlice()
    await client.connect()
    server.ackFault = (event) => {
      if (event !== 'presence:watch') return undefined
      server.ackFault = undefined
      return 'rate-limited'
    }
    client.presence.watch([alice.id, bob.id])
    await next(client, 'presence', ({ userId, online }) => userId === bob.id && online)
    expect(server.commandsOf('presence:watch')).toHaveLength(2)
  })

  it('comes back later when the server refuses one socket more', async () => {
    const { client } = await logInAlice()
    server.refuseSockets = 2
    const isLive = live(client)
    void client.connect().catch(() => undefined)
    await isLive
    expect(server.refuseSockets).toBe(0)
  })

  it('moves away from a gateway that drains, when it is told to', async () => {
    const { client } = await logInAlice()
    await client.connect()
    const [old] = server.sockets()
    const isLive = live(client)
    old?.emit('gateway:draining', { reconnectInMs: 20 })
    await isLive
    await eventually(() => expect(old?.connected).toBe(false))
    expect(server.sockets()).toHaveLength(1)
  })

  it('renews its token when it is refused or ended for it', async () => {
    const { client } = await logInAlice()
    server.accessTokens.clear()
    await client.connect()
    expect(server.requestsTo('POST /users/auth/refresh')).toHaveLength(1)

    const isLive = live(client)
    server.accessTokens.clear()
    for (const socket of server.sockets()) socket.emit('session:ended', { reason: 'token-expired' })
    await isLive
    expect(server.requestsTo('POST /users/auth/refresh')).toHaveLength(2)
  })

  it('hands the gateway each newer token in time', async () => {
    server.expiresIn = 0
    const { client } = await logInAlice()
    await client.connect()
    await eventually(() => expect(server.commandsOf('session:refresh').length).toBeGreaterThan(0))
    const [{ payload } = { payload: undefined }] = server.commandsOf('session:refresh')
    expect(server.accessTokens.has((payload as { token: string }).token)).toBe(true)
    expect(server.sockets()).toHaveLength(1)
  })

  it('stays away when the session ended', async () => {
    const { client } = await logInAlice()
    await client.connect()
    const ended = next(client, 'session-ended')
    for (const socket of server.sockets()) socket.emit('session:ended', { reason: 'logout-everywhere' })
    await expect(ended).resolves.toEqual({ reason: 'logout-everywhere' })
    expect(client.state).toBe('offline')
    expect(client.user).toBeUndefined()
    await expect(client.connect()).rejects.toMatchObject({ code: 'not-logged-in' })
    await expect(client.send({ conversationId: room, text: 'x' })).rejects.toMatchObject({
      code: 'not-logged-in',
    })
  })

  it('is let go of when the app disconnects, and can be had again', async () => {
    const { client, texts } = await logInAlice()
    await client.connect()
    client.disconnect()
    expect(client.state).toBe('offline')
    await eventually(() => expect(server.sockets()).toHaveLength(0))
    server.say(room, bob, 'meanwhile')
    await client.connect()
    expect(texts()).toEqual(['meanwhile'])
  })

  it('tells who waits for it that the app has changed its mind', async () => {
    const { client } = await logInAlice()
    await server.stop()
    const connected = client.connect()
    await next(client, 'error')
    client.disconnect()
    await expect(connected).rejects.toMatchObject({ code: 'disconnected' })
    await server.start()
  })
})

describe('receipts, typing', () => {
  it('tells how far entries from others were delivered', async () => {
    const { client } = await logInAlice()
    await client.connect()
    await client.send({ conversationId: room, text: 'mine' })
    server.say(room, bob, 'two')
    server.say(room, bob, 'three')
    const last = (): unknown => server.commandsOf('receipt:advance').at(-1)?.payload
    await eventually(() => expect(last()).toEqual({ conversationId: room, delivered: 3 }))
    expect(server.commandsOf('receipt:advance').map(({ payload }) => payload)).not.toContainEqual({
      conversationId: room,
      delivered: 1,
    })
  })

  it('can be told not to', async () => {
    const { client, texts } = await logInAlice({ autoDelivered: false })
    await client.connect()
    server.say(room, bob, 'hello')
    await eventually(() => expect(texts()).toEqual(['hello']))
    await client.receipts.advance(room, { read: 1 })
    expect(server.commandsOf('receipt:advance')).toHaveLength(1)
    client.disconnect()
    await expect(client.receipts.advance(room, { read: 2 })).resolves.toEqual({ delivered: 0, read: 2 })
  })

  it('passes on what the gateway tells', async () => {
    const { client } = await logInAlice()
    await client.connect()
    client.typing(room, true)
    await eventually(() => expect(server.commandsOf('typing')).toHaveLength(1))
    const typing = { conversationId: room, userId: bob.id, typing: true, expiresInMs: 5_000 }
    const receipt = { conversationId: room, userId: bob.id, delivered: 2, read: 1 }
    const heard = Promise.all([next(client, 'typing'), next(client, 'receipt')])
    for (const socket of server.sockets()) {
      socket.emit('typing', typing)
      socket.emit('receipt:advanced', receipt)
    }
    await expect(heard).resolves.toEqual([typing, receipt])
  })
})

describe('the session', () => {
  it('can be stored and resumed, by its own user only', async () => {
    const client = createParleyClient({ url: server.url })
    clients.push(client)
    const stored = next(client, 'session')
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
    const session = await stored

    const resumed = createParleyClient({ url: server.url })
    clients.push(resumed)
    if (session === undefined) throw new Error('there is a session')
    expect(resumed.resume(session)).toEqual(alice)
    await expect(resumed.users.me()).resolves.toEqual(alice)
    await expect(resumed.logIn({ email: bob.email, password: 'x' })).rejects.toThrow('another user')
    expect(resumed.user).toEqual(alice)
  })

  it('is renewed once, however many calls find its token too old', async () => {
    const { client } = await logInAlice()
    server.accessTokens.clear()
    await Promise.all([client.users.me(), client.users.me(), client.users.me()])
    expect(server.requestsTo('POST /users/auth/refresh')).toHaveLength(1)
    expect(server.requestsTo('GET /users/me')).toHaveLength(6)
  })

  it('is shared by clients that exchange its tokens in turn, each going on with what another one stored', async () => {
    let stored: SavedSession | undefined
    let lastTurn = Promise.resolve()
    const inTurn = (client: () => ParleyClient) => (exchange: () => Promise<void>) =>
      (lastTurn = lastTurn.then(() => {
        if (stored !== undefined) client().resume(stored)
        return exchange()
      }))
    const first = await logInAlice({ aroundExchange: inTurn(() => first.client) })
    const shared = next(first.client, 'session')
    server.accessTokens.clear()
    await first.client.users.me()
    stored = await shared
    const second = createParleyClient({ url: server.url, aroundExchange: inTurn(() => second) })
    clients.push(second)
    if (stored === undefined) throw new Error('there is a session')
    second.resume(stored)
    for (const client of [first.client, second]) client.on('session', (session) => (stored = session))

    server.accessTokens.clear()
    await Promise.all([first.client.users.me(), second.users.me()])
    expect(server.requestsTo('POST /users/auth/refresh')).toHaveLength(2)
  })

  it('ends when its refresh token is refused, and nothing is tried again', async () => {
    const { client } = await logInAlice()
    await client.connect()
    server.accessTokens.clear()
    server.refreshTokens.clear()
    const stored = next(client, 'session')
    const ended = next(client, 'session-ended')
    await expect(client.users.me()).rejects.toMatchObject({ code: 'refresh-token-invalid' })
    await expect(stored).resolves.toBeUndefined()
    await expect(ended).resolves.toEqual({ reason: 'refresh-token-invalid' })
    expect(client.state).toBe('offline')
    await expect(client.users.me()).rejects.toMatchObject({ code: 'not-logged-in' })
    expect(server.requestsTo('POST /users/auth/refresh')).toHaveLength(1)
  })

  it('gives a message back as not sent when the session ends on its way', async () => {
    const { client } = await logInAlice()
    server.accessTokens.clear()
    server.refreshTokens.clear()
    const ended = next(client, 'session-ended')
    await expect(client.send({ to: bob.id, text: 'hello' })).rejects.toMatchObject({ code: 'not-logged-in' })
    await expect(ended).resolves.toEqual({ reason: 'refresh-token-invalid' })
  })

  it('takes what is not sent yet with it when it ends', async () => {
    const { client } = await logInAlice({ backoff: { minMs: 60_000, maxMs: 60_000 } })
    server.fault = ({ route }) => (route === 'POST messages' ? 'cut-before' : undefined)
    const sent = client.send({ conversationId: room, text: 'hello' })
    await eventually(() => expect(server.requestsTo('POST messages')).toHaveLength(1))
    await client.logOut()
    await expect(sent).rejects.toMatchObject({ code: 'not-logged-in' })
  })

  it('tells the server which device it is, also after logging out', async () => {
    const kept: string[] = []
    const device = { read: () => kept.at(-1), write: (text: string) => void kept.push(text) }
    for (const email of [alice.email, bob.email]) {
      const client = createParleyClient({ url: server.url, device })
      clients.push(client)
      await client.logIn({ email, password: 'correct horse battery' })
      await client.logOut()
    }
    expect(kept).toEqual([`device of ${alice.email}`, `device of ${bob.email}`])
    const bodies = server.requestsTo('POST /users/auth/login').map(({ body }) => body)
    expect(bodies).toEqual([
      { email: alice.email, password: 'correct horse battery' },
      { email: bob.email, password: 'correct horse battery', device: `device of ${alice.email}` },
    ])
  })

  it('is ended by logging out, silently', async () => {
    const { client } = await logInAlice()
    await client.connect()
    const onEnd = jest.fn()
    client.on('session-ended', onEnd)
    await client.logOut()
    expect(client.state).toBe('offline')
    expect(client.user).toBeUndefined()
    expect(server.requestsTo('POST /users/auth/logout')).toHaveLength(1)
    expect(onEnd).not.toHaveBeenCalled()
  })

  it('tells problems by their code, and what is none as unavailable', async () => {
    const client = createParleyClient({ url: server.url })
    clients.push(client)
    await expect(client.logIn({ email: 'nobody@example.com', password: 'x' })).rejects.toMatchObject({
      code: 'invalid-credentials',
    })
    server.fault = () => ({ status: 409, body: problemFor('email-taken') })
    const person = { firstName: 'A', lastName: 'B', email: alice.email, password: 'correct horse' }
    await expect(client.register(person)).rejects.toMatchObject({ code: 'email-taken' })
    server.fault = () => ({ status: 404, body: '<html>' })
    await expect(client.register(person)).rejects.toMatchObject({ code: 'unavailable', problem: undefined })
    server.fault = undefined
    await expect(client.register(person)).resolves.toEqual(alice)
  })
})
