import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { eventually } from '@parley/testing/eventually.ts'
import type { WebSocket } from 'ws'
import {
  ask,
  type Client,
  codeOf,
  collect,
  createEntry,
  type GatewayUnderTest,
  heard,
  openGateway,
} from '../testing/open-gateway.ts'

describe('open connections', () => {
  let opened: GatewayUnderTest
  const open = async (settings = {}): Promise<void> => {
    opened = await openGateway({ settings })
  }
  afterEach(() => opened.close())

  /** Far more than a kernel buffers for one connection on loopback. */
  const mostMessages = 4_000
  const longText = '🙂'.repeat(4_000)

  /** Stops reading, as a client on a dead network does; the operating system goes on for a while. */
  function stall(client: Client): WebSocket {
    const { ws } = client.io.engine.transport as unknown as { ws: WebSocket }
    ws.pause()
    return ws
  }

  /** Publishes long messages to both, ten at a time, until it is enough or far too much. Resolves to how many. */
  async function publishWhile(
    more: () => boolean,
    recipientIds: readonly [string, string],
    heardByReader: readonly unknown[],
  ): Promise<number> {
    let published = 0
    for (; more() && published < mostMessages; published += 10) {
      const events = Array.from({ length: 10 }, (_, index) =>
        createEvent('chat.message-created.v1', {
          source: 'test',
          subject: recipientIds[0],
          data: { entry: createEntry(published + index + 1, longText), recipientIds: [...recipientIds] },
        }),
      )
      await opened.bus.publish(events)
      await eventually(() => expect(heardByReader).toHaveLength(published + 10))
    }
    return published
  }

  it.each([
    ['packets', { SOCKET_MAX_BUFFERED_PACKETS: 20, SOCKET_MAX_BUFFERED_BYTES: 1_073_741_824 }],
    ['bytes', { SOCKET_MAX_BUFFERED_PACKETS: 1_000_000, SOCKET_MAX_BUFFERED_BYTES: 262_144 }],
  ])('closes a client that does not read, by %s that wait', async (_, settings) => {
    await open(settings)
    const [alice, bob] = [randomUUID(), randomUUID()]
    const reading = await opened.connect(bob)
    const entries = collect(reading, 'timeline:entry')
    const stalled = await opened.connect(alice)
    const socket = stall(stalled)

    // The one who reads gets everything.
    const published = await publishWhile(() => opened.gateway.connections() === 2, [alice, bob], entries)

    expect(published).toBeLessThan(mostMessages)
    expect(opened.gateway.connections()).toBe(1)
    expect(await opened.metric('parley_realtime_closed_total', { cause: 'buffer' })).toBe(1)
    // Really gone, though the peer reads nothing, not even that it is closed.
    const countConnections = promisify(opened.server.getConnections.bind(opened.server))
    await eventually(async () => expect(await countConnections()).toBe(1))
    expect(codeOf(await ask(reading, 'presence:watch', { userIds: [] }))).toBeUndefined()
    socket.terminate()
  })

  it('closes sockets of whoever most waits for, when too much waits for all together', async () => {
    await open({
      SOCKET_MAX_BUFFERED_PACKETS: 1_000_000,
      SOCKET_MAX_BUFFERED_BYTES: 1_073_741_824,
      SOCKETS_MAX_BUFFERED_BYTES: 1_048_576,
    })
    const [mallory, bob] = [randomUUID(), randomUUID()]
    const reading = await opened.connect(bob)
    const entries = collect(reading, 'timeline:entry')
    const stalled = await Promise.all(Array.from({ length: 4 }, () => opened.connect(mallory)))
    const sockets = stalled.map(stall)

    const published = await publishWhile(() => opened.gateway.connections() > 2, [mallory, bob], entries)

    expect(published).toBeLessThan(mostMessages)
    expect(await opened.metric('parley_realtime_closed_total', { cause: 'buffer' })).toBeGreaterThan(2)
    expect(await opened.metric('parley_security_events_total', { event: 'client-shed' })).toBeGreaterThan(2)
    expect(codeOf(await ask(reading, 'presence:watch', { userIds: [] }))).toBeUndefined()
    for (const socket of sockets) socket.terminate()
  })

  it('lets a burst through to a client that reads', async () => {
    await open({ SOCKET_MAX_BUFFERED_PACKETS: 1_000 })
    const alice = randomUUID()
    const client = await opened.connect(alice)
    const entries = collect(client, 'timeline:entry')
    const events = Array.from({ length: 900 }, (_, index) =>
      createEvent('chat.message-created.v1', {
        source: 'test',
        subject: alice,
        data: { entry: createEntry(index + 1), recipientIds: [alice] },
      }),
    )
    await opened.bus.publish(events)
    await eventually(() => expect(entries.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1)))
  })

  it('closes a client that sends a frame beyond the cap, and nobody else', async () => {
    await open()
    const other = await opened.connect(randomUUID())
    const client = await opened.connect(randomUUID())
    const gone = heard(client, 'disconnect')
    client.emit('message:send', { to: randomUUID(), clientId: 'a', text: 'x'.repeat(100_000) }, () => {})
    await gone
    await eventually(() => expect(opened.gateway.connections()).toBe(1))
    expect(codeOf(await ask(other, 'presence:watch', { userIds: [] }))).toBeUndefined()
  })

  it('cuts a client that does not read when the gateway drains', async () => {
    await open({ DRAIN_WAIT_MS: 50 })
    const client = await opened.connect(randomUUID())
    const socket = stall(client)
    await opened.gateway.close()
    expect(opened.gateway.connections()).toBe(0)
    const countConnections = promisify(opened.server.getConnections.bind(opened.server))
    await eventually(async () => expect(await countConnections()).toBe(0))
    socket.terminate()
  })
})
