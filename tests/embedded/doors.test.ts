import { request as requestHttp } from 'node:http'
import { operations } from '@parley/contracts/operations.ts'
import { problem, type ProblemCode, problems } from '@parley/contracts/problem.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

/** What clients get that knock in an unusual way, on a real process: always an answer, and always a problem. */
describe('the doors', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  beforeAll(async () => {
    server = await startEmbedded({ dataFolder: folder.path })
  })
  afterAll(async () => {
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(server.stderr()).toBe('')
    folder.remove()
  })

  interface Answer {
    readonly status: number | undefined
    readonly headers: Readonly<Record<string, string | string[] | undefined>>
    readonly text: string
  }
  const ask = (path: string, method: string, headers: Record<string, string>, body?: string | Buffer) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = requestHttp(`${server.url}${path}`, { method, headers, agent: false }, (response) => {
        let text = ''
        response.on('data', (data: Buffer) => (text += data.toString()))
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
      })
      sent.on('error', reject)
      sent.end(body)
    })

  function expectProblem({ status, headers, text }: Answer, code: ProblemCode): void {
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(problem.parse(JSON.parse(text)).code).toBe(code)
    expect(status).toBe(problems[code].status)
  }

  /** As Java's HTTP client and `curl --http2` ask. */
  const wishingHttp2 = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
  }

  it('answers a client that would rather speak HTTP/2', async () => {
    expect(await ask('/healthz', 'GET', wishingHttp2)).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    expectProblem(await ask('/users/me', 'GET', wishingHttp2), 'token-missing')
    const headers = { ...wishingHttp2, 'content-type': 'application/json', 'content-length': '2' }
    expectProblem(await ask('/users/auth/login', 'POST', headers, '{}'), 'validation-failed')
    expectProblem(await ask('/socket.io/', 'GET', wishingHttp2), 'transport-not-supported')
  })

  const addresses = Map.groupBy(operations, ({ path }) => path)
  it.each([...addresses.keys()])('says which methods %s takes', async (path) => {
    const taken = addresses.get(path)!.map(({ method }) => method.toUpperCase())
    const filled = path.replaceAll(/:\w+/g, '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10')
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']) {
      if (taken.includes(method)) continue
      const answer = await ask(filled, method, {})
      expectProblem(answer, 'method-not-allowed')
      expect(String(answer.headers['allow']).split(', ')).toEqual(expect.arrayContaining(taken))
    }
  })

  it.each(['gzip', 'deflate', 'br'])('takes no body that is not %s, as it says', async (encoding) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    expectProblem(await ask('/users/auth/login', 'POST', headers, '{"email":"a@b.c"}'), 'malformed-json')
  })

  it('says that headers are too large, and that it does not know what is expected', async () => {
    expectProblem(await ask('/healthz', 'GET', { 'x-long': 'x'.repeat(20_000) }), 'headers-too-large')
    expectProblem(await ask('/healthz', 'GET', { expect: 'the-unexpected' }), 'expectation-failed')
  })

  it('says that there is nothing, also to a websocket', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    for (const path of ['/nothing', '/socket.io/other', '/users/me/socket'])
      expectProblem(await ask(path, 'GET', headers), 'route-not-found')
  })
})
