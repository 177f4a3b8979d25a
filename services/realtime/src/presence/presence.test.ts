import { randomUUID } from 'node:crypto'
import { eventually } from '@parley/testing/eventually.ts'
import {
  ask,
  type Client,
  codeOf,
  collect,
  type GatewayUnderTest,
  heard,
  openGateway,
} from '../testing/open-gateway.ts'
import { createMemoryPresenceStore } from './presence-store.memory.ts'

describe('presence', () => {
  const [alice, bob, carol] = [randomUUID(), randomUUID(), randomUUID()]
  let opened: GatewayUnderTest
  const open = async (options: Parameters<typeof openGateway>[0] = {}): Promise<void> => {
    opened = await openGateway(options)
  }
  afterEach(() => opened.close())

  const leave = async (client: Client): Promise<void> => {
    const before = opened.gateway.connections()
    client.disconnect()
    await eventually(() => expect(opened.gateway.connections()).toBe(before - 1))
  }

  it('shows a user with two sockets until the last one is gone', async () => {
    await open()
    const watcher = await opened.connect(bob)
    const seen = collect(watcher, 'presence')
    expect(await ask(watcher, 'presence:watch', { userIds: [alice, bob] })).toEqual({
      ok: true,
      presence: [
        { userId: alice, online: false },
        { userId: bob, online: true },
      ],
    })

    const phone = await opened.connect(alice)
    const laptop = await opened.connect(alice)
    await leave(phone)
    expect(await ask(watcher, 'presence:watch', { userIds: [alice] })).toMatchObject({
      presence: [{ online: true }],
    })
    await leave(laptop)
    await eventually(() =>
      expect(seen).toEqual([
        { userId: alice, online: true },
        { userId: alice, online: false },
      ]),
    )
  })

  it('tells only those who watch, and only whom they watch now', async () => {
    await open()
    const watcher = await opened.connect(bob)
    const indifferent = await opened.connect(randomUUID())
    const seen = collect(watcher, 'presence')
    const overheard = collect(indifferent, 'presence')
    await ask(watcher, 'presence:watch', { userIds: [alice, alice] })
    await ask(watcher, 'presence:watch', { userIds: [carol] })
    await opened.connect(alice)
    await opened.connect(carol)
    await eventually(() => expect(seen).toEqual([{ userId: carol, online: true }]))
    await ask(indifferent, 'presence:watch', { userIds: [] })
    expect(overheard).toEqual([])
  })

  it('does not show a user as gone who comes back at once', async () => {
    await open({ settings: { PRESENCE_GRACE_MS: 300 } })
    const watcher = await opened.connect(bob)
    const seen = collect(watcher, 'presence')
    await ask(watcher, 'presence:watch', { userIds: [alice] })
    await leave(await opened.connect(alice))
    await leave(await opened.connect(alice))
    await eventually(() => expect(seen.at(-1)).toEqual({ userId: alice, online: false }))
    expect(seen).toEqual([
      { userId: alice, online: true },
      { userId: alice, online: false },
    ])
  })

  it('notices what nobody announced: another gateway’s user, and that its record lapses', async () => {
    await open({ settings: { PRESENCE_TTL_MS: 1_000 } })
    const watcher = await opened.connect(bob)
    await ask(watcher, 'presence:watch', { userIds: [carol] })
    await opened.presence.connected({ userId: carol, connectionId: 'on another gateway' })
    expect(await heard(watcher, 'presence')).toEqual({ userId: carol, online: true })
    expect(await heard(watcher, 'presence')).toEqual({ userId: carol, online: false })
    // Meanwhile the heartbeat has kept the gateway's own user.
    expect(await opened.presence.online([bob])).toEqual(new Set([bob]))
  })

  it('serves sockets while the store is away', async () => {
    const store = createMemoryPresenceStore({ ttlMs: 60_000 })
    const away = (): Promise<never> => Promise.reject(new Error('no connection'))
    await open({ presence: { ...store, connected: away, disconnected: away, online: away } })
    const client = await opened.connect(alice)
    expect(codeOf(await ask(client, 'presence:watch', { userIds: [bob] }))).toBe('internal')
    expect(client.connected).toBe(true)
    await leave(client)
  })

  it('is asked about so many people by one user, over whichever sockets, and others as ever', async () => {
    const store = createMemoryPresenceStore({ ttlMs: 60_000 })
    let asked = 0
    const online = (userIds: readonly string[]) => {
      asked += userIds.length
      return store.online(userIds)
    }
    await open({
      presence: { ...store, online },
      settings: { PRESENCE_IDS_PER_SECOND: 10, PRESENCE_IDS_BURST: 400 },
    })
    const many = () => Array.from({ length: 199 }, () => randomUUID())
    const sockets = [await opened.connect(alice), await opened.connect(alice)]
    const seen = collect(sockets[0]!, 'presence')
    await ask(sockets[0]!, 'presence:watch', { userIds: [carol] })
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        ask(sockets[index % 2]!, 'presence:watch', { userIds: [...many(), carol] }),
      ),
    )
    expect(asked).toBeLessThan(600)
    const refused = answers.find(({ ok }) => !ok)
    expect(refused).toMatchObject({
      problem: { code: 'rate-limited', retryAfterSeconds: expect.any(Number) },
    })
    expect(
      codeOf(await ask(await opened.connect(bob), 'presence:watch', { userIds: many() })),
    ).toBeUndefined()
    // What a refused one watched before stays.
    await opened.connect(carol)
    await eventually(() => expect(seen).toContainEqual({ userId: carol, online: true }))
  })

  it.each<[string, unknown]>([
    ['too many users', { userIds: Array.from({ length: 201 }, () => randomUUID()) }],
    ['what is no user', { userIds: ['user:1'] }],
    ['an operator', { userIds: { $gt: '' } }],
  ])('refuses to watch %s', async (_, payload) => {
    await open()
    const client = await opened.connect(alice)
    expect(codeOf(await ask(client, 'presence:watch', payload))).toBe('validation-failed')
  })
})
