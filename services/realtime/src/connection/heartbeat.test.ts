import { randomUUID } from 'node:crypto'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createEntry, type GatewayUnderTest, openGateway } from '../testing/open-gateway.ts'
import { openRawSocket, type RawSocket } from '../testing/raw-socket.ts'

const [ping, pong] = ['2', '3']

describe('a pong', () => {
  const alice = randomUUID()
  let opened: GatewayUnderTest
  let socket: RawSocket
  let ponging: NodeJS.Timeout
  beforeEach(async () => {
    opened = await openGateway({
      settings: {
        PING_INTERVAL_MS: 1_000,
        PING_TIMEOUT_MS: 1_000,
        SOCKET_MAX_BUFFERED_PACKETS: 1_000_000,
        SOCKET_MAX_BUFFERED_BYTES: 1_073_741_824,
        SOCKETS_MAX_BUFFERED_BYTES: 1_073_741_824,
      },
    })
    socket = await openRawSocket(opened.url, opened.issuer.sign(alice))
    ponging = setInterval(() => socket.send(pong), 200)
  })
  afterEach(async () => {
    clearInterval(ponging)
    socket.terminate()
    await opened.close()
  })

  it('that nobody asked for does not put off the ping', async () => {
    await eventually(() => expect(socket.heard).toContain(ping))
    // Those after a ping count: the connection stays over several of them.
    await eventually(
      () => expect(socket.heard.filter((packet) => packet === ping).length).toBeGreaterThan(2),
      10_000,
    )
    expect(opened.gateway.connections()).toBe(1)
  })

  it('to a ping that has not left yet does not count: who reads nothing is closed', async () => {
    socket.pause()
    const text = '🙂'.repeat(4_000)
    // More than the operating system holds for one connection.
    for (let seq = 1; seq <= 1_000; seq += 1) {
      const data = { entry: createEntry(seq, text), recipientIds: [alice] }
      await opened.publish(createEvent('chat.message-created.v1', { source: 'test', subject: alice, data }))
    }
    await eventually(
      async () =>
        expect(await opened.metric('parley_realtime_closed_total', { cause: 'ping-timeout' })).toBe(1),
      15_000,
    )
    expect(opened.gateway.connections()).toBe(0)
  }, 30_000)
})
