import { randomUUID } from 'node:crypto'
import { eventually } from '@parley/testing/eventually.ts'
import { type Client, type GatewayUnderTest, heard, openGateway } from '../testing/open-gateway.ts'
import { openRawSocket, type RawSocket } from '../testing/raw-socket.ts'

describe('sockets', () => {
  const alice = randomUUID()
  let opened: GatewayUnderTest
  let raw: RawSocket[]
  const open = async (settings: Record<string, number>, trustedProxies = 0): Promise<void> => {
    opened = await openGateway({ settings, trustedProxies })
  }
  beforeEach(() => {
    raw = []
  })
  afterEach(async () => {
    for (const socket of raw) socket.terminate()
    await opened.close()
  })

  /** One that shows no token. */
  async function knock(headers = {}): Promise<RawSocket> {
    const socket = await openRawSocket(opened.url, undefined, headers)
    raw.push(socket)
    return socket
  }
  /** What a client is told that wants to connect. */
  async function tryToConnect(userId: string): Promise<unknown> {
    const client = opened.createClient({ token: opened.issuer.sign(userId) })
    const answer = Promise.race([
      heard(client, 'connect').then(() => 'connected'),
      heard(client, 'connect_error').then((error) => (error as { data?: unknown }).data),
    ])
    client.connect()
    return await answer
  }
  const leave = async (client: Client): Promise<void> => {
    const before = opened.gateway.connections()
    client.disconnect()
    await eventually(() => expect(opened.gateway.connections()).toBe(before - 1))
  }

  it('of one user are bounded; others and the ones that are open are not concerned', async () => {
    await open({ SOCKETS_PER_USER: 2 })
    const first = await opened.connect(alice)
    await opened.connect(alice)
    expect(await tryToConnect(alice)).toMatchObject({
      code: 'rate-limited',
      status: 429,
      retryAfterSeconds: 30,
    })
    expect(await tryToConnect(randomUUID())).toBe('connected')
    expect(first.connected).toBe(true)
    await leave(first)
    await eventually(async () => expect(await tryToConnect(alice)).toBe('connected'))
  })

  it('of one user come back a few in a second, once as many as there may be were opened', async () => {
    await open({ SOCKETS_PER_USER: 3 })
    const answers: unknown[] = []
    for (let round = 0; round < 5; round += 1) {
      const client = opened.createClient({ token: opened.issuer.sign(alice) })
      const answer = Promise.race([
        heard(client, 'connect').then(() => leave(client)),
        heard(client, 'connect_error').then((error) => (error as { data?: unknown }).data),
      ])
      client.connect()
      answers.push(await answer)
    }
    expect(answers).toContainEqual(expect.objectContaining({ code: 'rate-limited', retryAfterSeconds: 1 }))
  })

  it('of one address are bounded, those without a token among them', async () => {
    await open({ SOCKETS_PER_ADDRESS: 3 })
    await opened.connect(alice)
    await Promise.all([knock(), knock()])
    await expect(knock()).rejects.toThrow('429')
    expect(await opened.metric('parley_realtime_refused_handshakes_total', { code: 'rate-limited' })).toBe(1)
    raw[0]?.terminate()
    await eventually(() => opened.connect(randomUUID()))
  })

  it('of other addresses, as the proxy tells them, do not count; those of the same /64 do', async () => {
    await open({ SOCKETS_PER_ADDRESS: 1 }, 1)
    const from = (address: string) => ({ 'x-forwarded-for': `6.6.6.6, ${address}` })
    await knock(from('198.51.100.1'))
    await knock(from('198.51.100.2'))
    await expect(knock(from('198.51.100.2'))).rejects.toThrow('429')
    await knock(from('2001:db8:1:2::1'))
    await expect(knock(from('2001:db8:1:2::2'))).rejects.toThrow('429')
    await knock(from('2001:db8:1:3::1'))
  })

  it('of all together are bounded', async () => {
    await open({ SOCKETS_MAX: 2 })
    await opened.connect(alice)
    await opened.connect(alice)
    await expect(knock()).rejects.toThrow('503')
  })

  it.each([{ SOCKETS_PER_ADDRESS: 3 }, { SOCKETS_MAX: 3 }])(
    'without a token make room after two seconds for one that has one (%j)',
    async (settings) => {
      await open({ ...settings, HANDSHAKE_TIMEOUT_MS: 60_000 })
      await Promise.all([knock(), knock(), knock()])
      const client = await eventually(() => opened.connect(alice))
      expect(client.connected).toBe(true)
      await eventually(() => expect(opened.gateway.connections()).toBe(1))
    },
  )
})
