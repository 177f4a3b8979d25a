import { randomUUID } from 'node:crypto'
import { eventually } from '@parley/testing/eventually.ts'
import { WebSocket } from 'ws'
import { type GatewayUnderTest, openGateway } from '../testing/open-gateway.ts'

/**
 * The websocket cases of Socket.IO's own test suite for servers (github.com/socketio/socket.io-protocol,
 * test-suite/), in our words and with a token. Left out, with the reason:
 * - everything by HTTP long polling, and upgrades from it (13 cases): websockets are the only transport, and
 *   `handshake.test.ts` shows how polling is refused;
 * - connecting to and leaving `/custom` (3 cases): there is only the main namespace;
 * - that `auth` and `message` come back (in 6 cases): that is what the suite's own server does. Parley's own events
 *   stand in their place here.
 */
describe('the protocol of Socket.IO, over a websocket', () => {
  const settings = { PING_INTERVAL_MS: 1_000, PING_TIMEOUT_MS: 1_000 }
  let opened: GatewayUnderTest
  let socket: WebSocket
  let closed: Promise<unknown>
  beforeEach(async () => {
    opened = await openGateway({ settings })
  })
  afterEach(async () => {
    socket?.terminate()
    await opened.close()
  })

  /** What comes next, one packet each time. */
  let next: () => Promise<string>
  function open(query: string): void {
    socket = new WebSocket(`${opened.url.replace('http', 'ws')}/socket.io/?${query}`)
    socket.on('error', () => undefined)
    closed = new Promise((resolve) => socket.once('close', resolve))
    const packets: string[] = []
    socket.on('message', (data: Buffer) => void packets.push(data.toString()))
    next = () =>
      eventually(() => {
        expect(packets.length).toBeGreaterThan(0)
        return packets.shift()!
      }, 5_000)
  }

  async function openSession(): Promise<string> {
    open('EIO=4&transport=websocket')
    return await next()
  }
  async function connect(): Promise<string> {
    await openSession()
    socket.send(`40${JSON.stringify({ token: opened.issuer.sign(randomUUID()) })}`)
    return await next()
  }
  const json = (packet: string, prefix: string): unknown => {
    expect(packet.slice(0, prefix.length)).toBe(prefix)
    return JSON.parse(packet.slice(prefix.length))
  }

  describe('Engine.IO', () => {
    it('opens a session, and says what it is like', async () => {
      expect(json(await openSession(), '0')).toEqual({
        sid: expect.stringMatching(/./),
        upgrades: [],
        pingInterval: settings.PING_INTERVAL_MS,
        pingTimeout: settings.PING_TIMEOUT_MS,
        maxPayload: 65_536,
      })
    })

    it.each(['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc'])(
      'opens none for %s',
      async (query) => {
        open(query)
        await closed
      },
    )

    it('goes on while pings are answered', async () => {
      await connect()
      for (let time = 0; time < 3; time += 1) {
        expect(await next()).toBe('2')
        socket.send('3')
      }
      expect(opened.gateway.connections()).toBe(1)
    })

    it('closes when they are not', async () => {
      await connect()
      expect(await next()).toBe('2')
      await closed
    })

    it('closes when the client says so', async () => {
      await openSession()
      socket.send('1')
      await closed
    })
  })

  describe('Socket.IO', () => {
    it('connects with the payload that is asked for', async () => {
      expect(json(await connect(), '40')).toEqual({ sid: expect.stringMatching(/./) })
    })

    it('does not connect without', async () => {
      await openSession()
      socket.send('40')
      expect(json(await next(), '44')).toMatchObject({ message: 'token-missing' })
    })

    it('does not connect to an unknown namespace', async () => {
      await openSession()
      socket.send('40/random')
      expect(json(await next(), '44/random,')).toMatchObject({ message: 'namespace-not-found' })
    })

    it('closes on what is no handshake', async () => {
      await openSession()
      socket.send('4abc')
      await closed
    })

    it('closes when the client leaves', async () => {
      await connect()
      socket.send('41')
      await closed
    })

    it('takes an event', async () => {
      await connect()
      socket.send('42["message",1,"2",{"3":[true]}]')
      expect(json(await next(), '42')).toMatchObject(['event:refused', { event: 'message' }])
    })

    it('takes an event with an ack, and answers it', async () => {
      await connect()
      socket.send('42456["presence:watch",{"userIds":[]}]')
      expect(json(await next(), '43456')).toEqual([{ ok: true, presence: [] }])
    })

    it('takes an event with binary attachments, and the ones after it', async () => {
      await connect()
      const attachment = (num: number) => ({ _placeholder: true, num })
      socket.send(`452-789${JSON.stringify(['message:send', attachment(0), attachment(1)])}`)
      socket.send(Uint8Array.from([1, 2, 3]))
      socket.send(Uint8Array.from([4, 5, 6]))
      expect(json(await next(), '43789')).toMatchObject([
        { ok: false, problem: { detail: 'The payload must be JSON, not binary.' } },
      ])
      socket.send('421["presence:watch",{"userIds":[]}]')
      expect(json(await next(), '431')).toEqual([{ ok: true, presence: [] }])
    })
  })
})
