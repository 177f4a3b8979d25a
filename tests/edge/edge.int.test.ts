import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type ProblemCode, problems } from '@parley/contracts/problem.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type Answer, ask, openSocket, type OpenSocket } from './ask.ts'
import { createEdgeNetwork, type EdgeContainer, type EdgeNetwork } from './edge-network.ts'

/** The edge as it runs in the stack, with stand-ins for the services. */
describe('the edge', () => {
  let network: EdgeNetwork
  let edge: EdgeContainer
  let port: number
  let auth: EdgeContainer
  let chat: EdgeContainer
  const realtime: EdgeContainer[] = []

  beforeAll(async () => {
    network = await createEdgeNetwork()
    auth = await network.startUpstream('auth')
    chat = await network.startUpstream('chat')
    for (const name of ['realtime-1', 'realtime-2'])
      realtime.push(await network.startUpstream('realtime', name))
    edge = await network.startEdge()
    port = await edge.port(8_080)
    for (const path of ['/users', '/chat', '/socket.io/'])
      await eventually(async () => expect((await ask(port, path)).status).toBe(200), 20_000)
  }, 300_000)
  afterAll(() => network?.remove(), 60_000)

  /** What the service behind the edge was asked. */
  interface Asked {
    readonly name: string
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly received: number
  }
  const asked = ({ text }: Answer): Asked => JSON.parse(text) as Asked

  function expectProblem(answer: Answer, code: ProblemCode): void {
    const correlationId = answer.headers['x-correlation-id']
    expect(correlationId).toMatch(/^[\w.-]{8,64}$/)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.status).toBe(problems[code].status)
    expect(JSON.parse(answer.text)).toEqual({
      type: `urn:parley:problem:${code}`,
      ...problems[code],
      code,
      correlationId,
      ...(code === 'unavailable' ? { retryAfterSeconds: 1 } : {}),
    })
    expect(answer.headers['retry-after']).toBe(code === 'unavailable' ? '1' : undefined)
  }

  it('runs without rights, and with nothing to write on', async () => {
    expect(await network.inspect(edge)).toEqual({ user: 'nginx', readOnly: true })
  })

  it.each([
    ['/users', 'auth'],
    ['/users/auth/login', 'auth'],
    ['/users?search=bob&limit=2', 'auth'],
    ['/.well-known/jwks.json', 'auth'],
    ['/chat', 'chat'],
    ['/chat/conversations/1/reactions/%F0%9F%91%8D', 'chat'],
    ['/docs/', 'chat'],
    ['/docs/openapi.json', 'chat'],
    ['/socket.io/?EIO=4', 'realtime'],
  ])('brings %s to %s as it is', async (path, service) => {
    const { name, url } = asked(await ask(port, path))
    expect(name.replace(/-\d$/, '')).toBe(service)
    expect(url).toBe(path)
  })

  it.each([
    '/metrics',
    '/internal/ended-sessions',
    '/readyz',
    '/chatty',
    '/users-of-others',
    '/.well-known/openid-configuration',
    '/chat/../metrics',
    '/chat/%2e%2e/metrics',
    '/users/..%2freadyz',
    '//metrics',
    '/socket.io',
    '/validation-failed',
    '/headers-too-large',
    '/assets/index-OLDHASH0.js',
  ])('says that there is nothing at %s', async (path) => {
    expectProblem(await ask(port, path), 'route-not-found')
  })

  it('answers for itself at /healthz', async () => {
    const { status, text, headers } = await ask(port, '/healthz')
    expect([status, text]).toEqual([200, '{"status":"ok"}'])
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers.server).toBe('nginx')
  })

  it('serves the web app: a page that is asked for anew, and files that are kept for ever', async () => {
    const page = await ask(port, '/')
    expect(page.status).toBe(200)
    const script = /src="(\/assets\/[\w.-]+\.js)"/.exec(page.text)?.[1]
    expect(script).toBeDefined()
    const file = await ask(port, script!)
    expect(file.status).toBe(200)
    expect(page.headers['cache-control']).toBe('no-cache')
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    for (const { headers } of [page, file]) {
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /)
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    }
    const compressed = await ask(port, script!, { headers: { 'accept-encoding': 'gzip' } })
    expect(compressed.headers['content-encoding']).toBe('gzip')
    const again = await ask(port, '/', { headers: { 'if-none-match': page.headers.etag! } })
    expect(again.status).toBe(304)
  })

  it('opens the web app on paths that it may know itself, for browsers alone', async () => {
    const headers = { accept: 'text/html,*/*;q=0.8' }
    expect((await ask(port, '/somewhere', { headers })).text).toBe((await ask(port, '/')).text)
    expectProblem(await ask(port, '/somewhere'), 'route-not-found')
    for (const path of ['/metrics', '/readyz', '/assets/index-OLDHASH0.js', '/.well-known/other'])
      expectProblem(await ask(port, path, { headers }), 'route-not-found')
  })

  it('takes only what reads, where it answers by itself', async () => {
    for (const path of ['/', '/healthz']) {
      const answer = await ask(port, path, { method: 'POST', body: '{}' })
      expectProblem(answer, 'method-not-allowed')
      expect(answer.headers.allow).toBe('GET, HEAD')
    }
    const traced = await ask(port, '/chat', { method: 'TRACE' })
    expectProblem(traced, 'method-not-allowed')
    expect(traced.headers.allow).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  })

  it('says who the client is, whatever the client says', async () => {
    const forged = {
      host: 'chat.example.com:3000',
      'x-forwarded-for': '6.6.6.6',
      'x-real-ip': '6.6.6.6',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-port': '443',
      'x-forwarded-prefix': '/evil',
      'x-forwarded-user': 'admin',
      forwarded: 'for=6.6.6.6',
      'true-client-ip': '6.6.6.6',
      'x-client-ip': '6.6.6.6',
      'x-user-id': 'admin',
      'x-original-url': '/metrics',
      'x-rewrite-url': '/metrics',
      upgrade: 'h2c',
      connection: 'Upgrade',
    }
    const given = { authorization: 'Bearer abc', origin: 'https://chat.example.com', accept: 'text/html' }
    const { headers } = asked(await ask(port, '/users/me', { headers: { ...forged, ...given } }))
    const { 'x-real-ip': address, 'x-correlation-id': correlationId, ...others } = headers
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    expect(address).not.toBe('6.6.6.6')
    expect(correlationId).toMatch(/^[0-9a-f]{32}$/)
    expect(others).toEqual({
      ...given,
      host: 'chat.example.com:3000',
      'x-forwarded-for': address,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'chat.example.com:3000',
    })
  })

  it.each([
    ['keeps', 'order-66.of_today', true],
    ['replaces', 'short', false],
    ['replaces', 'x'.repeat(65), false],
    ['replaces', 'quotes"and{braces}', false],
  ])('%s the correlation id %s', async (_, given, kept) => {
    const headers = { 'x-correlation-id': given }
    const { 'x-correlation-id': passedOn } = asked(await ask(port, '/chat', { headers })).headers
    const refused = await ask(port, '/nothing', { headers })
    expectProblem(refused, 'route-not-found')
    expect(passedOn === given).toBe(kept)
    expect(refused.headers['x-correlation-id'] === given).toBe(kept)
  })

  it('takes bodies up to 256 kB, and refuses larger ones and what is no request', async () => {
    const send = (size: number) => ask(port, '/chat', { method: 'POST', body: Buffer.alloc(size, 'x') })
    expect(asked(await send(256 * 1_024)).received).toBe(256 * 1_024)
    expectProblem(await send(256 * 1_024 + 1), 'payload-too-large')
    expectProblem(await ask(port, '/chat', { headers: { 'content-length': 'many' } }), 'validation-failed')
    expectProblem(await ask(port, `/chat?${'x'.repeat(40_000)}`), 'headers-too-large')
    expectProblem(
      await ask(port, '/chat', { headers: { 'x-long': 'x'.repeat(40_000) } }),
      'headers-too-large',
    )
  })

  it.each([404, 405, 417, 431, 500, 503])('passes on a %i of a service as it is', async (status) => {
    const answer = await ask(port, `/chat/status/${status}`)
    expect(answer.status).toBe(status)
    expect(asked(answer).name).toBe('chat')
  })

  it('compresses, but not what may hold a token', async () => {
    const headers = { 'accept-encoding': 'gzip' }
    const [chat, users] = [
      await ask(port, '/chat/large', { headers }),
      await ask(port, '/users/large', { headers }),
    ]
    expect(chat.headers['content-encoding']).toBe('gzip')
    expect(users.headers).not.toHaveProperty('content-encoding')
  })

  describe('with sockets', () => {
    let open: OpenSocket[] = []
    afterEach(() => {
      for (const socket of open.splice(0)) socket.close()
    })
    async function connect(count: number): Promise<OpenSocket[]> {
      const opened: OpenSocket[] = []
      for (let time = 0; time < count; time += 1) opened.push(await openSocket(port))
      open.push(...opened)
      return opened
    }
    const on = (name: string) => open.filter(({ headers }) => headers['x-upstream'] === name)

    it('is not in the way of what they say', async () => {
      const [socket] = await connect(1)
      expect(socket!.headers['x-asked']).toBe('websocket')
      expect(await socket!.echo('hello')).toBe('hello')
    })

    it('gives a new one to the gateway with the fewest', async () => {
      await connect(6)
      expect([on('realtime-1').length, on('realtime-2').length]).toEqual([3, 3])
      const gone = on('realtime-1')
      for (const socket of gone) socket.close()
      open = on('realtime-2')
      // nginx has yet to see that they are closed.
      await eventually(async () => {
        const [socket] = await connect(1)
        expect(socket!.headers['x-upstream']).toBe('realtime-1')
      })
    })

    it('gives none to a gateway that says it is going away', async () => {
      await realtime[0]!.signal('USR2')
      await connect(4)
      expect(on('realtime-2')).toHaveLength(4)
    })
  })

  it('logs a line of JSON per request, without queries and tokens', async () => {
    const headers = { authorization: 'Bearer secret-token', 'x-correlation-id': 'find-me-in-logs' }
    await ask(port, '/users/me?token=secret-query', { headers })
    const lines = await eventually(async () => {
      const found = (await edge.output()).filter((line) => line.includes('find-me-in-logs'))
      expect(found).toHaveLength(1)
      return found
    })
    expect(JSON.parse(lines[0]!)).toMatchObject({
      service: 'nginx',
      correlationId: 'find-me-in-logs',
      method: 'GET',
      path: '/users/me',
      status: 200,
      upstreamStatus: '200',
    })
    expect((await edge.output()).filter((line) => line.includes('secret-'))).toEqual([])
  })

  /** The names of those that answer two requests, one after the other. */
  async function twice(path: string): Promise<{ names: string[]; statuses: number[] }> {
    const answers = [await ask(port, path), await ask(port, path)]
    const statuses = answers.map(({ status }) => status)
    return { statuses, names: answers.map((answer) => asked(answer).name).toSorted() }
  }

  it('finds replicas that come, and leaves those that went', async () => {
    const second = await network.startUpstream('chat', 'chat-2')
    await eventually(async () => expect((await twice('/chat')).names).toEqual(['chat', 'chat-2']), 20_000)
    await second.stop()
    // Not one request fails: what could not be sent there is sent to the other one.
    for (let time = 0; time < 5; time += 1) {
      expect(await twice('/chat')).toEqual({ statuses: [200, 200], names: ['chat', 'chat'] })
    }
  }, 60_000)

  it('tries elsewhere what may be repeated, but never a POST, which may count already', async () => {
    const replicas = [auth, await network.startUpstream('auth', 'auth-2')]
    const bothAnswer = () =>
      eventually(async () => expect((await twice('/users')).names).toEqual(['auth', 'auth-2']), 20_000)
    async function timesAsked(line: string): Promise<number> {
      const outputs = await Promise.all(replicas.map((replica) => replica.output()))
      return outputs.flat().filter((seen) => seen === line).length
    }

    await bothAnswer()
    expectProblem(await ask(port, '/users/1/drop', { method: 'POST', body: '{}' }), 'unavailable')
    expect(await timesAsked('POST /users/1/drop')).toBe(1)
    // The one that failed is left alone for a moment.
    await bothAnswer()
    expectProblem(await ask(port, '/users/1/drop'), 'unavailable')
    expect(await timesAsked('GET /users/1/drop')).toBe(2)
    await bothAnswer()
  }, 60_000)

  it.each(['messages', 'conversations/1/messages', 'conversations/1/receipts'])(
    'tries a POST to /chat/%s elsewhere too, since chat stores it once',
    async (path) => {
      const asker = { method: 'POST', body: '{}' }
      const second = await network.startUpstream('chat', `chat-for-${randomUUID()}`)
      await eventually(async () => {
        expect(new Set((await twice('/chat')).names).size).toBe(2)
      }, 20_000)
      expectProblem(await ask(port, `/chat/${path}?/drop`, asker), 'unavailable')
      const line = `POST /chat/${path}?/drop`
      const outputs = await Promise.all([chat, second].map((replica) => replica.output()))
      expect(outputs.map((output) => output.filter((seen) => seen === line).length)).toEqual([1, 1])
      await second.stop()
    },
    60_000,
  )

  it('says that a service is unavailable when nobody is left', async () => {
    for (const gateway of realtime) await gateway.stop()
    expectProblem(await ask(port, '/socket.io/'), 'unavailable')
  }, 60_000)

  it('speaks TLS too where a certificate is mounted', async () => {
    const folder = createTemporaryFolder()
    try {
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'tls.key']
      const certificate = ['-x509', '-subj', '/CN=localhost', '-days', '1', '-out', 'tls.crt']
      execFileSync('openssl', ['req', ...key, ...certificate], { cwd: folder.path, stdio: 'ignore' })
      // The user of nginx reads them.
      chmodSync(folder.path, 0o755)
      chmodSync(join(folder.path, 'tls.key'), 0o644)
      const withTls = await network.startEdge({ tlsFolder: folder.path })
      const tlsPort = await withTls.port(8_443)

      const answer = await eventually(async () => {
        const passedOn = await ask(tlsPort, '/users/me', { tls: true })
        expect(passedOn.status).toBe(200)
        return passedOn
      }, 20_000)
      expect(answer.tlsProtocol).toBe('TLSv1.3')
      expect(asked(answer).headers['x-forwarded-proto']).toBe('https')
      const { headers } = await ask(tlsPort, '/healthz', { tls: true })
      expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')

      const plain = await ask(await withTls.port(8_080), '/healthz')
      expect(plain.status).toBe(200)
      expect(plain.headers).not.toHaveProperty('strict-transport-security')
      expectProblem(await ask(tlsPort, '/healthz'), 'validation-failed')
    } finally {
      folder.remove()
    }
  }, 60_000)
})
