import { randomUUID } from 'node:crypto'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import { sendDirect } from '@parley/contracts/messages.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createPlan } from '../traffic/plan.ts'
import { countPending, readStored } from '../traffic/read-database.ts'
import { runTraffic } from '../traffic/run-traffic.ts'
import { waitUntilPublished } from '../traffic/wait-until-published.ts'
import { type ComposedStack, startStack } from './composed-stack.ts'

const gateways = 3
const upTimeoutMs = 600_000
const testTimeoutMs = 180_000
/** For what crosses several processes of a busy machine. */
const patienceMs = 20_000
const password = 'a good password'

/** The whole of it, as an operator starts it: only nginx is reached, as a client does. */
describe('the composed stack', () => {
  let stack: ComposedStack
  let failed = true
  let open: ParleyClient[] = []
  let people = 0

  beforeAll(async () => {
    stack = await startStack({ project: 'parley-test', scale: { realtime: gateways, chat: 2 } })
  }, upTimeoutMs)
  afterEach(() => {
    for (const client of open) client.close()
    open = []
  })
  afterAll(async () => {
    if (failed) await stack?.saveLogs()
    await stack?.down()
  }, upTimeoutMs)

  interface Talker {
    readonly client: ParleyClient
    readonly id: string
    readonly email: string
    readonly texts: string[]
    session(): SavedSession
  }

  /** A device of somebody, connected; it listens to everything. */
  async function connect(email: string, resumed?: SavedSession): Promise<Talker> {
    const client = createParleyClient({ url: stack.url, headsEveryMs: 3_600_000 })
    open.push(client)
    const texts: string[] = []
    let session = resumed
    client.on('entry', ({ body }) => texts.push(body.text))
    client.on('session', (changed) => (session = changed))
    const { id } = resumed === undefined ? await client.logIn({ email, password }) : client.resume(resumed)
    await client.connect()
    return { client, id, email, texts, session: () => session! }
  }

  async function signUp(firstName: string): Promise<Talker> {
    const email = `${firstName}-${(people += 1)}@example.com`.toLowerCase()
    const client = createParleyClient({ url: stack.url })
    await client.register({ firstName, lastName: 'Stack', email, password })
    return connect(email)
  }

  const soon = (check: () => void | Promise<void>) => eventually(check, patienceMs)
  const connectionsByGateway = async (): Promise<number[]> =>
    Promise.all(
      (await stack.containers('realtime')).map(({ sumOfMetric }) =>
        sumOfMetric('parley_realtime_connections'),
      ),
    )
  /** nginx gives each new socket to the gateway with the fewest, so three land on three. */
  const expectOnePerGateway = () =>
    soon(async () => expect(await connectionsByGateway()).toEqual(Array.from({ length: gateways }, () => 1)))
  const noneLeft = () =>
    soon(async () => expect(await connectionsByGateway()).toEqual(Array.from({ length: gateways }, () => 0)))

  it(
    'delivers to every device, whichever gateway it is on',
    async () => {
      await noneLeft()
      const alice = await signUp('Alice')
      const bob = await signUp('Bob')
      const bobsTablet = await connect(bob.email)
      await expectOnePerGateway()

      const { conversationId } = await alice.client.send({ to: bob.id, text: 'over three gateways' })
      await bob.client.send({ conversationId, text: 'heard: שלום 👋' })
      const said = ['over three gateways', 'heard: שלום 👋']
      await soon(() => {
        for (const { texts } of [alice, bob, bobsTablet]) expect(texts).toEqual(said)
      })
      const { messages } = await alice.client.conversations.history(conversationId)
      expect(messages.map(({ text }) => text)).toEqual(said.toReversed())
    },
    testTimeoutMs,
  )

  it(
    'tells of presence, typing and receipts across gateways',
    async () => {
      await noneLeft()
      const alice = await signUp('Alice')
      const bob = await signUp('Bob')
      const bobsTablet = await connect(bob.email)
      await expectOnePerGateway()
      const { conversationId, seq } = await alice.client.send({ to: bob.id, text: 'are you there?' })
      await soon(() => expect(bob.texts).toHaveLength(1))

      const heard: unknown[] = []
      alice.client.on('typing', ({ userId, typing }) => heard.push({ userId, typing }))
      alice.client.on('receipt', ({ userId, read }) => {
        if (read > 0) heard.push({ userId, read })
      })
      alice.client.on('presence', ({ userId, online }) => heard.push({ userId, online }))
      bob.client.typing(conversationId, true)
      await soon(() => expect(heard).toContainEqual({ userId: bob.id, typing: true }))
      await bobsTablet.client.receipts.advance(conversationId, { read: seq })
      await soon(() => expect(heard).toContainEqual({ userId: bob.id, read: seq }))

      alice.client.presence.watch([bob.id])
      await soon(() => expect(heard).toContainEqual({ userId: bob.id, online: true }))
      bob.client.close()
      bobsTablet.client.close()
      await soon(() => expect(heard).toContainEqual({ userId: bob.id, online: false }))
    },
    testTimeoutMs,
  )

  it(
    'closes the sockets of a session on every gateway when it ends, and no others',
    async () => {
      await noneLeft()
      const alice = await signUp('Alice')
      const sameSession = await connect(alice.email, alice.session())
      const otherSession = await connect(alice.email)
      await expectOnePerGateway()

      const ended = new Promise((resolve) => sameSession.client.on('session-ended', resolve))
      await alice.client.logOut()
      await expect(ended).resolves.toEqual({ reason: 'logout' })
      expect(sameSession.client.state).toBe('offline')
      await soon(async () =>
        expect((await connectionsByGateway()).toSorted((one, other) => one - other)).toEqual([0, 0, 1]),
      )
      expect(otherSession.client.state).toBe('live')
    },
    testTimeoutMs,
  )

  it(
    'shows a client that was away all that it missed, once and in order',
    async () => {
      const alice = await signUp('Alice')
      const bob = await signUp('Bob')
      await alice.client.send({ to: bob.id, text: '0' })
      await soon(() => expect(bob.texts).toHaveLength(1))
      bob.client.disconnect()
      const sent = Array.from({ length: 120 }, (_, index) => String(index + 1))
      await Promise.all(sent.map((text) => alice.client.send({ to: bob.id, text })))
      await bob.client.connect()
      await soon(() => expect(bob.texts).toEqual(['0', ...sent]))
    },
    testTimeoutMs,
  )

  it(
    'loses, doubles and mixes up nothing under traffic, and every replica has its share',
    async () => {
      const plan = createPlan({ seed: 3, users: 12, conversations: 30, messages: 1_500 })
      await stack.withChatStores(async (stores) => {
        const report = await runTraffic({
          url: stack.url,
          plan,
          processes: 2,
          seed: 3,
          onProgress: () => undefined,
          readStored: (userIds) => readStored(stores, userIds),
        })
        expect(report.findings).toEqual([])
        expect(report.counts).toMatchObject({ accepted: 1_500, stored: 1_500, expected: 3_000, seen: 3_000 })
        expect(await waitUntilPublished(() => countPending(stores))).toBe(0)
      })
      for (const { sumOfMetric } of await stack.containers('realtime'))
        expect(await sumOfMetric('parley_realtime_deliveries_total{event="timeline:entry"}')).toBeGreaterThan(
          0,
        )
      for (const { sumOfMetric } of await stack.containers('chat'))
        expect(await sumOfMetric('parley_outbox_published_total{outbox="timeline"}')).toBeGreaterThan(0)
    },
    testTimeoutMs,
  )

  it(
    'accepts messages while RabbitMQ is away, and delivers them afterwards',
    async () => {
      const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
      await alice.client.send({ to: bob.id, text: 'before' })
      await soon(() => expect(bob.texts).toEqual(['before']))
      await stack.compose('kill', 'rabbitmq')
      await alice.client.send({ to: bob.id, text: 'meanwhile' })
      await stack.compose('up', '--detach', '--no-recreate', '--wait', 'rabbitmq')
      await eventually(() => expect(bob.texts).toEqual(['before', 'meanwhile']), 60_000)
    },
    testTimeoutMs,
  )

  it(
    'delivers what was sent while Redis was away',
    async () => {
      const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
      await alice.client.send({ to: bob.id, text: 'before' })
      await soon(() => expect(bob.texts).toEqual(['before']))
      await stack.compose('stop', 'redis')
      await alice.client.send({ to: bob.id, text: 'meanwhile' })
      await stack.compose('start', 'redis')
      await eventually(() => expect(bob.texts).toEqual(['before', 'meanwhile']), 60_000)
      // auth counts its limits over a connection of its own, which may come back later than those of the gateways.
      await eventually(() => signUp('Carol'), 60_000)
    },
    testTimeoutMs,
  )

  it(
    'says 503 while MongoDB is away, and a retry with the same clientId is stored once',
    async () => {
      const [alice, bob] = [await signUp('Alice'), await signUp('Bob')]
      await alice.client.send({ to: bob.id, text: 'before' })
      const clientId = randomUUID()
      const send = () =>
        callOperation(stack.url, sendDirect, {
          token: alice.session().token,
          body: { sender: alice.id, receiver: bob.id, messageDetails: { text: 'once' }, clientId },
        })
      await stack.compose('stop', 'mongo')
      const refused = await send()
      expect(refused.status).toBe(503)
      expect(refused.body).toMatchObject({ code: 'unavailable' })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      await stack.compose('start', 'mongo')
      await eventually(async () => expect((await send()).status).toBeLessThan(300), 60_000)
      expect((await send()).status).toBe(200)
      await soon(() => expect(bob.texts).toEqual(['before', 'once']))
    },
    testTimeoutMs,
  )

  it('publishes no port but that of nginx', async () => {
    const own = await fetch(`${stack.url}/healthz`)
    expect(own.status).toBe(200)
    for (const path of ['/metrics', '/readyz']) {
      const { status } = await fetch(`${stack.url}${path}`)
      expect(status).toBe(404)
    }
  })

  it(
    'has lost no process on the way, and ends each of them in order',
    async () => {
      for (const container of await stack.parleyContainers())
        expect(container).toMatchObject({ running: true, restarts: 0 })
      await stack.compose('stop', 'auth', 'chat', 'realtime')
      for (const { name, exitCode } of await stack.parleyContainers())
        expect([name, exitCode]).toEqual([name, 0])
      expect(await stack.unhandledErrors()).toEqual([])
      failed = false
    },
    testTimeoutMs,
  )
})
