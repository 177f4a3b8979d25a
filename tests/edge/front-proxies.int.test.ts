import { connect } from 'node:net'
import { eventually } from '@parley/testing/eventually.ts'
import { ask } from './ask.ts'
import { createEdgeNetwork, type EdgeContainer, type EdgeNetwork } from './edge-network.ts'

/** What comes from this machine comes from an address of the engine's, which stands for a proxy in front. */
const engine = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16'

describe('the edge behind a proxy', () => {
  let network: EdgeNetwork
  beforeAll(async () => {
    network = await createEdgeNetwork()
    for (const service of ['auth', 'chat', 'realtime']) await network.startUpstream(service)
  }, 300_000)
  afterAll(() => network?.remove(), 60_000)

  /** What a service is told of a request with these headers. */
  async function told(edge: EdgeContainer, headers: Readonly<Record<string, string>>) {
    const port = await edge.port(8_080)
    return await eventually(async () => {
      const { status, text } = await ask(port, '/users/me', { headers })
      expect(status).toBe(200)
      return (JSON.parse(text) as { headers: Record<string, string> }).headers
    }, 20_000)
  }

  it('believes it, and nothing that came to it from further away', async () => {
    const edge = await network.startEdge({ env: { FRONT_PROXIES: engine } })
    const headers = await told(edge, {
      'x-forwarded-for': '6.6.6.6, 2001:db8::1, 172.16.0.9',
      'x-forwarded-proto': 'https',
    })
    // From right to left: a proxy that is trusted, and then the first that is not.
    expect(headers).toMatchObject({
      'x-forwarded-for': '2001:db8::1',
      'x-real-ip': '2001:db8::1',
      'x-forwarded-proto': 'https',
    })
    const { headers: own } = await ask(await edge.port(8_080), '/healthz', {
      headers: { 'x-forwarded-proto': 'https' },
    })
    expect(own['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  }, 60_000)

  it('believes nobody who is not named', async () => {
    const edge = await network.startEdge({ env: { FRONT_PROXIES: '203.0.113.7' } })
    const headers = await told(edge, { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https' })
    expect(headers['x-forwarded-for']).toMatch(/^(10|172|192)\./)
    expect(headers['x-forwarded-proto']).toBe('http')
  }, 60_000)

  it('hears the PROXY protocol, and then no header', async () => {
    const edge = await network.startEdge({ env: { FRONT_PROXIES: engine, FRONT_PROTOCOL: 'proxy' } })
    await told(edge, {})
    const port = await edge.port(8_081)
    const text = await new Promise<string>((resolve, reject) => {
      let heard = ''
      const socket = connect(port, '127.0.0.1')
      socket.on('error', reject)
      socket.on('data', (chunk) => (heard += chunk.toString()))
      socket.on('end', () => resolve(heard))
      socket.write(
        'PROXY TCP4 198.51.100.9 203.0.113.1 56324 443\r\n' +
          'GET /users/me HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n',
      )
    })
    expect(text).toContain('"x-forwarded-for":"198.51.100.9"')
    expect(text).not.toContain('6.6.6.6')
  }, 60_000)

  it.each([
    [{ FRONT_PROXIES: 'evil; return 200' }, 'FRONT_PROXIES: evil; is neither an address nor a network'],
    [{ FRONT_PROTOCOL: 'yes' }, 'FRONT_PROTOCOL: must be http or proxy'],
  ])('starts with no setting that it does not understand: %j', async (env, said) => {
    expect(await network.refusalOfEdge(env)).toContain(said)
  })
})
