import { createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { problem as problemSchema } from '@parley/contracts/problem.ts'
import { createTestIssuer, testAudience, testIssuerName } from '@parley/testing/test-issuer.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { WebSocket } from 'ws'
import { ask, type Client, type GatewayUnderTest, heard, openGateway } from '../testing/open-gateway.ts'

const allowed = 'https://chat.example.com'

describe('handshake', () => {
  let opened: GatewayUnderTest
  beforeEach(async () => {
    opened = await openGateway({ settings: { ALLOWED_ORIGINS: allowed, HANDSHAKE_TIMEOUT_MS: 200 } })
  })
  afterEach(() => opened.close())

  async function refusal(client: Client): Promise<{ message: string; data: unknown; status: unknown }> {
    const error = heard(client, 'connect_error')
    client.connect()
    const { message, data, description } = (await error) as Error & {
      data: unknown
      description?: { message: string }
    }
    return { message, data, status: /\d{3}$/.exec(description?.message ?? '')?.[0] }
  }

  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = () => {
    const now = Math.floor(Date.now() / 1_000)
    return {
      iss: testIssuerName,
      aud: testAudience,
      sub: randomUUID(),
      sid: randomUUID(),
      iat: now,
      exp: now + 900,
    }
  }
  const unsigned = (header: object): string => `${encode(header)}.${encode(claims())}`
  const signedWithPublicKey = (header: object): string => {
    const pem = createPublicKey({ key: { ...opened.issuer.jwk }, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    const content = unsigned(header)
    return `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`
  }

  it('lets a valid token in', async () => {
    const client = await opened.connect(randomUUID())
    expect(client.connected).toBe(true)
    expect(opened.gateway.connections()).toBe(1)
    expect(await opened.metric('parley_realtime_connections')).toBe(1)
  })

  const forged: [what: string, code: string, auth: () => object][] = [
    ['no token', 'token-missing', () => ({})],
    ['an empty token', 'validation-failed', () => ({ token: '' })],
    ['an object as token', 'validation-failed', () => ({ token: { $ne: null } })],
    ['a token of 5,000 characters', 'validation-failed', () => ({ token: 'x'.repeat(5_000) })],
    ['no JWT', 'token-invalid', () => ({ token: 'not.a.token' })],
    ['a foreign key', 'token-invalid', () => ({ token: createTestIssuer().sign(randomUUID()) })],
    [
      'a foreign key under our kid',
      'token-invalid',
      () => ({ token: createTestIssuer().sign(randomUUID(), { kid: opened.issuer.jwk.kid }) }),
    ],
    [
      'an unknown kid',
      'token-invalid',
      () => ({ token: opened.issuer.sign(randomUUID(), { kid: 'unknown' }) }),
    ],
    [
      'another issuer',
      'token-invalid',
      () => ({ token: opened.issuer.sign(randomUUID(), { issuer: 'https://evil.example' }) }),
    ],
    [
      'another audience',
      'token-invalid',
      () => ({ token: opened.issuer.sign(randomUUID(), { audience: 'another' }) }),
    ],
    [
      'an expired token',
      'token-expired',
      () => ({ token: opened.issuer.sign(randomUUID(), { expiresInSeconds: -1 }) }),
    ],
    [
      'alg none',
      'token-invalid',
      () => ({ token: `${unsigned({ alg: 'none', typ: 'JWT', kid: opened.issuer.jwk.kid })}.` }),
    ],
    [
      'HS256 with the public key as secret',
      'token-invalid',
      () => ({ token: signedWithPublicKey({ alg: 'HS256', typ: 'JWT', kid: opened.issuer.jwk.kid }) }),
    ],
    [
      'HS256 under the name of ES256',
      'token-invalid',
      () => ({ token: signedWithPublicKey({ alg: 'ES256', typ: 'JWT', kid: opened.issuer.jwk.kid }) }),
    ],
  ]
  it.each(forged)('refuses %s with %s', async (_, code, auth) => {
    const { message, data } = await refusal(opened.createClient(auth()))
    expect(message).toBe(code)
    expect(problemSchema.parse(data).code).toBe(code)
    expect(opened.gateway.connections()).toBe(0)
    expect(await opened.metric('parley_realtime_refused_handshakes_total', { code })).toBe(1)
  })

  const withOrigin = (origin: string): Client =>
    opened.createClient({ token: opened.issuer.sign(randomUUID()) }, { extraHeaders: { origin } })

  it.each(['https://evil.example', 'null', `${allowed}.evil.example`, `${allowed}:8443`])(
    'refuses a page of %s',
    async (origin) => {
      expect((await refusal(withOrigin(origin))).status).toBe('403')
      const labels = { code: 'origin-not-allowed' }
      expect(await opened.metric('parley_realtime_refused_handshakes_total', labels)).toBe(1)
    },
  )

  it('lets a page of an allowed origin in, and one that comes from this very address', async () => {
    for (const [index, origin] of [allowed, opened.url].entries()) {
      const client = withOrigin(origin)
      client.connect()
      await heard(client, 'connect')
      expect(opened.gateway.connections()).toBe(index + 1)
    }
  })

  it('refuses plain HTTP, and leaves other paths to the app', async () => {
    for (const transport of ['polling', 'websocket', 'webtransport']) {
      const { status } = await fetch(`${opened.url}/socket.io/?EIO=4&transport=${transport}`)
      expect(status).toBe(400)
    }
    expect((await fetch(`${opened.url}/socket.io/socket.io.js`)).status).toBe(400)
    expect((await fetch(`${opened.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${opened.url}/elsewhere`)).status).toBe(404)
  })

  describe('spoken by hand', () => {
    let socket: WebSocket
    let received: string[]
    let closed: Promise<void>
    beforeEach(async () => {
      socket = new WebSocket(`${opened.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
      received = []
      socket.on('message', (data: Buffer) => void received.push(data.toString()))
      closed = new Promise((resolve) => {
        socket.once('close', () => resolve())
      })
      await eventually(() => expect(received[0]).toMatch(/^0/))
    })
    afterEach(() => socket.terminate())

    const hello = (): string => `40${JSON.stringify({ token: opened.issuer.sign(randomUUID()) })}`

    it('closes a connection that never shows a token', async () => {
      await closed
      expect(opened.gateway.connections()).toBe(0)
    })

    it('gives a connection one try', async () => {
      socket.send('40{"token":"wrong"}')
      socket.send(hello())
      await closed
      expect(opened.gateway.connections()).toBe(0)
    })

    it('gives a connection one socket', async () => {
      socket.send(hello())
      socket.send(hello())
      await closed
      await eventually(() => expect(opened.gateway.connections()).toBe(0))
    })

    it('refuses another namespace', async () => {
      socket.send('40/admin,{}')
      await closed
      expect(received.filter((packet) => packet.startsWith('44/admin,'))).toHaveLength(1)
    })

    it('closes a connection whose socket has left', async () => {
      socket.send(hello())
      await eventually(() => expect(opened.gateway.connections()).toBe(1))
      socket.send('41')
      await closed
      expect(opened.gateway.connections()).toBe(0)
    })

    it.each([
      '2',
      '3{"a":1}',
      '7',
      'x',
      '40[]',
      '42',
      '42[]',
      '42{}',
      '42["disconnect"]',
      '451-["x"]',
      '45999-["x"]',
      '4',
      '49',
      '',
    ])('stays up after the packet %j', async (packet) => {
      socket.send(hello())
      const other = await opened.connect(randomUUID())
      await eventually(() => expect(opened.gateway.connections()).toBe(2))
      socket.send(packet)
      expect(await ask(other, 'presence:watch', { userIds: [] })).toEqual({ ok: true, presence: [] })
    })
  })
})
