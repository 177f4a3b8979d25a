import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '@parley/contracts/events.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import { type RestartableRedis, startRestartableRedis } from '@parley/platform/redis/redis-test-parts.ts'
import { eventually } from '@parley/testing/eventually.ts'
import type { Line } from '@parley/testing/line.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import {
  ask,
  type Client,
  codeOf,
  collect,
  createEntry,
  type GatewayUnderTest,
  heard,
  openGateway,
} from './testing/open-gateway.ts'

const messageCreated = (entry: TimelineEntry, recipientIds: string[]): Event =>
  createEvent('chat.message-created.v1', {
    source: 'chat',
    subject: entry.conversationId,
    data: { entry, recipientIds },
  })
const seqsOf = (entries: readonly TimelineEntry[]): number[] => entries.map(({ seq }) => seq)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const outageMs = 60_000

/** Several gateways that take events from one queue, as competing consumers, and share one Redis. */
describe('gateways on one Redis', () => {
  const issuer = createTestIssuer()
  let redis: RestartableRedis
  let bus: EventBus
  let lines: Line[]
  let gateways: GatewayUnderTest[]
  let [alice, bob, carol] = ['', '', '']
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)

  beforeAll(async () => {
    process.on('unhandledRejection', note)
    redis = await startRestartableRedis()
  }, 120_000)
  afterAll(async () => {
    await redis?.remove()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
  beforeEach(() => {
    ;[alice, bob, carol] = [randomUUID(), randomUUID(), randomUUID()]
    bus = createMemoryEventBus()
    gateways = []
    lines = []
  })
  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()))
    await bus.close()
  })

  async function open(count: number, options: Parameters<typeof openGateway>[0] = {}): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const line = await redis.openLine()
      lines.push(line)
      gateways.push(await openGateway({ redisUrl: line.url, bus, issuer, ...options }))
    }
    await available()
  }
  const available = () =>
    eventually(
      () => expect(gateways.map(({ backplane }) => backplane?.available())).not.toContain(false),
      outageMs,
    )
  const connect = (index: number, userId: string, token?: string): Promise<Client> =>
    gateways[index]!.connect(userId, token)
  /** As the relay does it: until the bus has taken it. */
  const publish = (event: Event): Promise<void> => eventually(() => bus.publish([event]), outageMs)
  const publishEntry = (seq: number, recipientIds: string[]) =>
    publish(messageCreated(createEntry(seq), recipientIds))
  /** Gone for the gateway, too. */
  const leave = async (index: number, client: Client): Promise<void> => {
    const before = gateways[index]!.gateway.connections()
    client.disconnect()
    await eventually(() => expect(gateways[index]!.gateway.connections()).toBe(before - 1))
  }

  it('bring an entry to every socket of every recipient once, wherever it is', async () => {
    await open(3)
    const clients = await Promise.all([
      ...[0, 1, 2].map((index) => connect(index, alice)),
      connect(1, alice),
      connect(2, bob),
      connect(0, carol),
    ])
    const seen = clients.map((client) => collect(client, 'timeline:entry'))
    for (const seq of upTo(30)) await publishEntry(seq, [alice, bob])
    await publishEntry(31, [carol])
    const all = upTo(30)
    // Events that different gateways handle may overtake each other; clients put them in order.
    const seqs = () => seen.map((entries) => seqsOf(entries).toSorted((a, b) => a - b))
    await eventually(() => expect(seqs()).toEqual([all, all, all, all, all, [31]]))
    for (const gateway of gateways) {
      const deliveries = await gateway.metric('parley_realtime_deliveries_total', { event: 'timeline:entry' })
      expect(deliveries).toBeGreaterThanOrEqual(20)
    }
  })

  it('bring receipts', async () => {
    await open(2)
    const clients = await Promise.all([connect(0, alice), connect(1, alice), connect(1, bob)])
    const seen = clients.map((client) => collect(client, 'receipt:advanced'))
    const receipt = { conversationId: randomUUID(), userId: bob, delivered: 4, read: 2 }
    await publish(
      createEvent('chat.receipt-advanced.v1', {
        source: 'chat',
        subject: receipt.conversationId,
        data: { ...receipt, recipientIds: [alice, bob] },
      }),
    )
    await eventually(() => expect(seen).toEqual([[receipt], [receipt], [receipt]]))
  })

  it('tell a client that it is connected only when it hears what others emit', async () => {
    await open(2)
    lines[1]?.hold()
    const client = gateways[1]!.createClient({ token: issuer.sign(alice) })
    const connected = heard(client, 'connect')
    const entry = heard(client, 'timeline:entry')
    client.connect()
    // Far longer than it takes to connect when nothing is held.
    await sleep(300)
    expect(client.connected).toBe(false)
    lines[1]?.release()
    await connected
    await publishEntry(1, [alice])
    expect(await entry).toMatchObject({ seq: 1 })
  })

  it('tell that somebody types, once, whichever gateways it comes over', async () => {
    const conversationId = randomUUID()
    await open(3, { chat: { memberIds: async () => [alice, bob] } })
    const typists = [await connect(0, alice), await connect(1, alice)]
    const others = [await connect(2, bob), await connect(0, bob)]
    const told = others.map((client) => collect(client, 'typing'))
    for (const typing of [true, false]) {
      for (const typist of typists) {
        expect(await ask(typist, 'typing', { conversationId, typing })).toEqual({ ok: true })
      }
    }
    const expected = [true, false].map((typing) => ({ typing, userId: alice }))
    await eventually(() => expect(told).toMatchObject([expected, expected]))
  })

  it('tell every idle client of another gateway that somebody stopped typing, whatever else it is told', async () => {
    await open(2, {
      chat: { memberIds: async () => [alice, bob] },
      settings: { SOCKET_EVENTS_PER_SECOND: 10_000, SOCKET_EVENTS_BURST: 10_000 },
    })
    const typist = await connect(0, alice)
    const told = collect(await connect(1, bob), 'typing')
    const type = (conversationId: string, typing: boolean) =>
      ask(typist, 'typing', { conversationId, typing })
    const conversationIds = upTo(200).map(() => randomUUID())
    for (let index = 0; index < conversationIds.length; index += 2) {
      const two = conversationIds.slice(index, index + 2)
      await Promise.all(two.map((id) => type(id, true)))
      // Two packets for one client in one turn of its gateway.
      await Promise.all(two.map((id) => type(id, false)))
    }
    const stopped = () => told.filter(({ typing }) => !typing).map((event) => event.conversationId)
    await eventually(() => expect(stopped()).toEqual(conversationIds))
  })

  it('show a user with sockets on several gateways until the last one is gone', async () => {
    await open(3, { settings: { PRESENCE_GRACE_MS: 300 } })
    const watchers = [await connect(1, bob), await connect(2, carol)]
    const seen = watchers.map((watcher) => collect(watcher, 'presence'))
    const phone = await connect(0, alice)
    for (const watcher of watchers) {
      await eventually(async () =>
        expect(await ask(watcher, 'presence:watch', { userIds: [alice] })).toMatchObject({
          presence: [{ userId: alice, online: true }],
        }),
      )
    }
    const laptop = await connect(1, alice)
    await leave(0, phone)
    // Past the grace, by which time the second socket is long known.
    await sleep(600)
    const online = await ask(watchers[1]!, 'presence:watch', { userIds: [alice] })
    expect(online).toMatchObject({ presence: [{ online: true }] })
    await leave(1, laptop)
    const gone = { userId: alice, online: false }
    await eventually(() => expect(seen.map((changes) => changes.at(-1))).toEqual([gone, gone]))
    expect(seen.flat().filter(({ online }) => !online)).toHaveLength(2)
  })

  it('show the users of a killed gateway as gone once their records lapse, and no other', async () => {
    await open(2, { settings: { PRESENCE_TTL_MS: 1_000 } })
    await connect(0, alice)
    await connect(1, carol)
    const watcher = await connect(1, bob)
    await eventually(async () =>
      expect(await ask(watcher, 'presence:watch', { userIds: [alice, carol] })).toMatchObject({
        presence: [{ online: true }, { online: true }],
      }),
    )
    const seen = collect(watcher, 'presence')
    // From now on Redis hears nothing of it any more, as of a process that is gone.
    lines[0]?.cut()
    await eventually(() => expect(seen).toEqual([{ userId: alice, online: false }]))
    expect(await ask(watcher, 'presence:watch', { userIds: [alice, carol] })).toMatchObject({
      presence: [{ online: false }, { online: true }],
    })
  })

  it('close the sockets of an ended session on every gateway, and no other', async () => {
    await open(3)
    const sessionId = randomUUID()
    const token = issuer.sign(alice, { sessionId })
    const ended = await Promise.all([0, 1, 2].map((index) => connect(index, alice, token)))
    const others = await Promise.all([0, 1, 2].map((index) => connect(index, alice)))
    const told = ended.map((client) => heard(client, 'session:ended'))
    const closed = ended.map((client) => heard(client, 'disconnect'))
    await publish(
      createEvent('users.session-ended.v1', {
        source: 'auth',
        subject: alice,
        data: { sessionId, userId: alice, reason: 'logout' },
      }),
    )
    expect(await Promise.all(told)).toEqual(Array.from({ length: 3 }, () => ({ reason: 'logout' })))
    expect(await Promise.all(closed)).toEqual(Array.from({ length: 3 }, () => 'io server disconnect'))
    for (const other of others) {
      expect(codeOf(await ask(other, 'presence:watch', { userIds: [] }))).toBeUndefined()
    }
  })

  it('make up for what a gateway missed while it was cut off from Redis', async () => {
    await open(3)
    const client = await connect(1, alice)
    const entries = collect(client, 'timeline:entry')
    await publishEntry(1, [alice])
    await eventually(() => expect(seqsOf(entries)).toEqual([1]))
    lines[1]?.cut()
    await eventually(() => expect(gateways[1]?.backplane?.available()).toBe(false))
    for (const seq of upTo(20)) await publishEntry(seq + 1, [alice])
    expect(await gateways[1]?.metric('parley_realtime_consuming')).toBe(0)
    expect(await gateways[0]?.metric('parley_realtime_consuming')).toBe(1)
    expect(seqsOf(entries)).toEqual([1])
    lines[1]?.mend()
    await eventually(() => expect(new Set(seqsOf(entries))).toEqual(new Set(upTo(21))))
    await publishEntry(22, [alice])
    await eventually(() => expect(seqsOf(entries)).toContain(22))
  })

  it('tell clients to compare heads once they reach the others again, whoever was away', async () => {
    await open(2)
    const clients = [await connect(0, alice), await connect(1, bob)]
    const told = clients.map((client) => collect(client, 'timeline:behind'))
    lines[1]?.cut()
    await eventually(() => expect(gateways[1]?.backplane?.available()).toBe(false))
    expect(told).toEqual([[], []])
    lines[1]?.mend()
    // What its own clients did not hear, and what it said last and nobody may have heard.
    await eventually(() => expect(told).toEqual([[{ withinMs: 1_000 }], [{ withinMs: 1_000 }]]))
    // A gateway that is new has said nothing yet.
    await open(1)
    expect(told.map((events) => events.length)).toEqual([1, 1])
  })

  it('lose nothing while Redis is away, and answer every client', async () => {
    const conversationId = randomUUID()
    await open(2, { chat: { memberIds: async () => [alice, bob] } })
    const clients = [await connect(0, alice), await connect(1, alice), await connect(1, bob)]
    const seen = clients.map((client) => collect(client, 'timeline:entry'))
    const consuming = () =>
      Promise.all(gateways.map((gateway) => gateway.metric('parley_realtime_consuming')))

    let published = 0
    const enough = new AbortController()
    async function keepPublishing(): Promise<void> {
      while (!enough.signal.aborted) {
        published += 1
        await publishEntry(published, [alice, bob])
        await sleep(2)
      }
    }
    const publishing = [keepPublishing(), keepPublishing(), keepPublishing()]
    await eventually(() => expect(published).toBeGreaterThan(50))

    await redis.stop()
    await eventually(async () => expect(await consuming()).toEqual([0, 0]))
    // Only what was under way is taken from the queue, and sockets are served.
    const told = heard(clients[2]!, 'typing')
    expect(await ask(clients[1]!, 'typing', { conversationId, typing: true })).toEqual({ ok: true })
    expect(await told).toMatchObject({ userId: alice, typing: true })
    expect(codeOf(await ask(clients[0]!, 'presence:watch', { userIds: [bob] }))).toBe('unavailable')
    const late = await connect(0, bob)
    const seenLate = collect(late, 'timeline:entry')
    await sleep(4_000)
    expect(await consuming()).toEqual([0, 0])

    await redis.start()
    await available()
    const before = published
    await eventually(() => expect(published).toBeGreaterThan(before + 50), outageMs)
    enough.abort()
    await Promise.all(publishing)
    expect(await consuming()).toEqual([1, 1])
    await eventually(() => {
      const all = new Set(upTo(published))
      expect(seen.map((entries) => new Set(seqsOf(entries)))).toEqual([all, all, all])
    })
    expect(seqsOf(seenLate)).toContain(published)
    // Redis came back empty, and the gateways have told it who is here.
    await eventually(async () =>
      expect(await ask(clients[0]!, 'presence:watch', { userIds: [alice, bob, carol] })).toMatchObject({
        presence: [{ online: true }, { online: true }, { online: false }],
      }),
    )
  }, 90_000)

  it('start and drain while Redis is away', async () => {
    await open(1)
    lines[0]?.cut()
    const line = await redis.openLine()
    line.cut()
    gateways.push(await openGateway({ redisUrl: line.url, bus, issuer }))
    const client = await connect(1, alice)
    const entry = heard(client, 'timeline:entry')
    const draining = heard(await connect(0, bob), 'gateway:draining')
    await eventually(() => expect(gateways[0]?.backplane?.available()).toBe(false))
    await gateways[0]?.gateway.close()
    expect(await draining).toMatchObject({ reconnectInMs: expect.any(Number) })
    line.mend()
    await publishEntry(1, [alice])
    expect(await entry).toMatchObject({ seq: 1 })
  })
})
