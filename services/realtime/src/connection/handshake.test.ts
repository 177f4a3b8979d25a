import { createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { problem as problemSchema, problems } from '@parley/contracts/problem.ts'
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
      expect(await opened.metric('parley_security_events_total', { event: 'origin-refused' })).toBe(1)
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

  it.each(['polling', 'websocket', 'webtransport'])(
    'refuses %s over plain HTTP, so that every page may read why',
    async (transport) => {
      const code = 'transport-not-supported'
      for (const method of ['GET', 'POST']) {
        const response = await fetch(`${opened.url}/socket.io/?EIO=4&transport=${transport}`, {
          method,
          headers: { origin: 'https://evil.example' },
        })
        expect(response.headers.get('access-control-allow-origin')).toBe('*')
        expect(problemSchema.parse(await response.json())).toMatchObject({ code, status: response.status })
      }
      expect(await opened.metric('parley_realtime_refused_handshakes_total', { code })).toBe(2)
    },
  )

  it('leaves other paths to the app', async () => {
    expect((await fetch(`${opened.url}/healthz`)).status).toBe(200)
    for (const path of ['/elsewhere', '/socket.io', '/socket.io/socket.io.js', '/socket.io/admin/'])
      expect([path, (await fetch(`${opened.url}${path}`)).status]).toEqual([path, 404])
  })

  describe('asked for by hand', () => {
    const asWebsocket = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }

    /** The status of the answer, 101 for a websocket, and the code of the problem in it. */
    const upgrade = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      new Promise<[status: number | undefined, code: string | undefined]>((resolve, reject) => {
        const asked = request(`${opened.url}${path}`, { method, headers: { ...asWebsocket, ...headers } })
        asked.on('error', reject)
        asked.on('upgrade', (_response, socket) => {
          socket.destroy()
          resolve([101, undefined])
        })
        asked.on('response', (response) => {
          let body = ''
          response.on('data', (data: Buffer) => (body += data.toString()))
          response.on('end', () => {
            const { code, correlationId } = problemSchema.parse(JSON.parse(body))
            expect(response.headers['x-correlation-id']).toBe(correlationId)
            resolve([response.statusCode, code])
          })
        })
        asked.end()
      })
    const address = '/socket.io/?EIO=4&transport=websocket'

    it('becomes a websocket', async () => {
      expect(await upgrade(address)).toEqual([101, undefined])
    })

    const refusals: [what: string, code: string, args: Parameters<typeof upgrade>][] = [
      ['Engine.IO 3', 'protocol-not-supported', ['/socket.io/?EIO=3&transport=websocket']],
      ['Engine.IO 5', 'protocol-not-supported', ['/socket.io/?EIO=5&transport=websocket']],
      ['no version', 'protocol-not-supported', ['/socket.io/?transport=websocket']],
      ['no transport', 'transport-not-supported', ['/socket.io/?EIO=4']],
      ['polling', 'transport-not-supported', ['/socket.io/?EIO=4&transport=polling']],
      ['the upgrade of a session', 'transport-not-supported', [`${address}&sid=abc`]],
      ['an old websocket', 'protocol-not-supported', [address, { 'sec-websocket-version': '8' }]],
      ['no key', 'protocol-not-supported', [address, { 'sec-websocket-key': '' }]],
      ['a POST', 'protocol-not-supported', [address, {}, 'POST']],
      ['another page', 'origin-not-allowed', [address, { origin: 'https://evil.example' }]],
    ]
    it.each(refusals)('is refused for %s with %s, before it is a websocket', async (_, code, args) => {
      const status = problems[code as keyof typeof problems].status
      expect(await upgrade(...args)).toEqual([status, code])
      expect(await opened.metric('parley_realtime_refused_handshakes_total', { code })).toBe(1)
    })

    it.each(['/elsewhere', '/socket.io', '/socket.io/admin/?EIO=4&transport=websocket', '/healthz/x'])(
      'finds nothing at %s, and is told so',
      async (path) => expect(await upgrade(path)).toEqual([404, 'route-not-found']),
    )
  })

  describe('spoken by hand', () => {
    let socket: WebSocket
    let received: string[]
    let closed: Promise<[code: number, reason: string]>
    beforeEach(async () => {
      socket = new WebSocket(`${opened.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
      received = []
      socket.on('message', (data: Buffer) => void received.push(data.toString()))
      closed = new Promise((resolve) => {
        socket.once('close', (code, reason) => resolve([code, reason.toString()]))
      })
      await eventually(() => expect(received[0]).toMatch(/^0/))
    })
    afterEach(() => socket.terminate())

    const hello = (): string => `40${JSON.stringify({ token: opened.issuer.sign(randomUUID()) })}`

    /** How the connection ends, and that it is counted. */
    async function expectClosed(code: number, cause: string): Promise<void> {
      expect(await closed).toEqual([code, cause])
      expect(await opened.metric('parley_realtime_closed_total', { cause })).toBe(1)
    }

    it('closes a connection that never shows a token', async () => {
      await expectClosed(1008, 'handshake-timeout')
      expect(opened.gateway.connections()).toBe(0)
    })

    it('gives a connection one try', async () => {
      socket.send('40{"token":"wrong"}')
      socket.send(hello())
      await expectClosed(1008, 'second-handshake')
      expect(opened.gateway.connections()).toBe(0)
    })

    it('gives a connection one socket', async () => {
      socket.send(hello())
      socket.send(hello())
      await expectClosed(1008, 'second-handshake')
      await eventually(() => expect(opened.gateway.connections()).toBe(0))
    })

    it.each(['first', 'second'])('refuses another namespace in the %s packet', async (when) => {
      if (when === 'second') {
        socket.send(hello())
        await eventually(() => expect(opened.gateway.connections()).toBe(1))
      }
      socket.send('40/admin,{}')
      await expectClosed(1008, 'namespace-not-found')
      const refusals = received.filter((packet) => packet.startsWith('44/admin,'))
      expect(refusals).toHaveLength(1)
      const { message, data } = JSON.parse(refusals[0]!.slice(9)) as { message: string; data: unknown }
      expect([message, problemSchema.parse(data).code]).toEqual([
        'namespace-not-found',
        'namespace-not-found',
      ])
      const labels = { code: 'namespace-not-found' }
      expect(await opened.metric('parley_realtime_refused_handshakes_total', labels)).toBe(1)
    })

    it.each<[string, string | Buffer]>([
      ['msgpack', Buffer.from('83a47479706500a36e7370a12fa46461746180', 'hex')],
      ['plain JSON', '4{"type":0,"nsp":"/"}'],
      ['an event before the CONNECT', '42["presence:watch",{"userIds":[]}]'],
    ])('refuses another parser: %s', async (_, packet) => {
      socket.send(packet)
      await expectClosed(1003, 'parser-not-supported')
      const { data } = JSON.parse(received.at(-1)!.slice(2)) as { data: unknown }
      expect(problemSchema.parse(data).code).toBe('parser-not-supported')
      expect(received.slice(1)).toHaveLength(1)
    })

    it.each(['7', 'x', '2', '42{}', '4{', '49'])(
      'closes on the packet %j, which nobody can read',
      async (packet) => {
        socket.send(hello())
        await eventually(() => expect(opened.gateway.connections()).toBe(1))
        socket.send(packet)
        await expectClosed(1002, 'malformed-packet')
      },
    )

    it('closes a connection whose socket has left', async () => {
      socket.send(hello())
      await eventually(() => expect(opened.gateway.connections()).toBe(1))
      socket.send('41')
      await expectClosed(1000, 'client-left')
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
