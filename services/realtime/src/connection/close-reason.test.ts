import { randomUUID } from 'node:crypto'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { WebSocket } from 'ws'
import { type GatewayUnderTest, openGateway } from '../testing/open-gateway.ts'

describe('a connection that the gateway closes says why', () => {
  const userId = randomUUID()
  const sessionId = randomUUID()
  let opened: GatewayUnderTest
  let socket: WebSocket
  let closed: Promise<[code: number, reason: string]>
  afterEach(async () => {
    socket.terminate()
    await opened.close()
  })

  /** A client that speaks by itself, so that the close frame can be seen. */
  async function open(settings: Parameters<typeof openGateway>[0], expiresInSeconds = 60): Promise<void> {
    opened = await openGateway(settings)
    socket = new WebSocket(`${opened.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve([code, reason.toString()]))
    })
    await new Promise((resolve) => socket.once('open', resolve))
    const token = opened.issuer.sign(userId, { sessionId, expiresInSeconds })
    socket.send(`40${JSON.stringify({ token })}`)
    await eventually(() => expect(opened.gateway.connections()).toBe(1))
  }

  async function expectClosed(code: number, cause: string): Promise<void> {
    expect(await closed).toEqual([code, cause])
    expect(await opened.metric('parley_realtime_closed_total', { cause })).toBe(1)
  }

  it('when its session ends', async () => {
    await open({})
    await opened.publish(
      createEvent('users.session-ended.v1', {
        source: 'auth',
        subject: userId,
        data: { sessionId, userId, reason: 'logout' },
      }),
    )
    await expectClosed(1008, 'session-ended')
  })

  it('when its token expires', async () => {
    await open({}, 1)
    await expectClosed(1008, 'token-expired')
  })

  it('when the gateway goes away', async () => {
    await open({})
    await opened.gateway.close()
    await expectClosed(1012, 'gateway-draining')
  })

  it('when it does not answer pings', async () => {
    await open({ settings: { PING_INTERVAL_MS: 1_000, PING_TIMEOUT_MS: 1_000 } })
    await expectClosed(1008, 'ping-timeout')
  })
})
