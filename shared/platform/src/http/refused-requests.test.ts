import { connect } from 'node:net'
import { problem, type ProblemCode } from '@parley/contracts/problem.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { Router } from 'express'

const released = Promise.withResolvers<void>()
const router = Router()
router.post('/echo', (request, response) => void response.json({ got: request.body as unknown }))
router.get('/slow', async (_request, response) => {
  response.write('the first half')
  await released.promise
  response.end()
})

let served: Awaited<ReturnType<typeof serveRouters>>
beforeAll(async () => {
  served = await serveRouters([router])
})
afterAll(() => served.close())

/**
 * Everything that comes back until the connection ends.
 * @param said each part once something came back to the one before it
 */
const speak = (...said: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(served.origin).port), '127.0.0.1')
    const parts = said.values()
    const sayNext = () => {
      const { value } = parts.next()
      if (value !== undefined) socket.write(value)
    }
    let heard = ''
    socket.on('data', (data) => {
      heard += data.toString()
      sayNext()
    })
    socket.on('close', () => resolve(heard))
    socket.on('error', reject)
    sayNext()
  })

/** A problem that says in its headers, too, what it is. */
function problemIn(answer: string): { code: ProblemCode; statusLine: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Map(lines.map((line) => line.toLowerCase().split(': ') as [string, string]))
  const found = problem.parse(JSON.parse(body))
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(headers.get('content-length')).toBe(String(Buffer.byteLength(body)))
  expect(headers.get('x-correlation-id')).toBe(found.correlationId)
  expect(statusLine).toContain(` ${found.status} `)
  return { code: found.code, statusLine }
}

const post = (headers: readonly string[]) =>
  [
    'POST /echo HTTP/1.1',
    'Host: localhost',
    'Connection: close',
    'Content-Type: application/json',
    ...headers,
    '',
    '',
  ].join('\r\n')

describe('what cannot be read as a request is answered with a problem:', () => {
  it.each<[what: string, said: string, code: ProblemCode, status: number]>([
    ['headers of 20 kB', post([`X-Long: ${'x'.repeat(20_000)}`]), 'headers-too-large', 431],
    [
      'an address of 20 kB',
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      'headers-too-large',
      431,
    ],
    ['no HTTP', 'hello\r\n\r\n', 'validation-failed', 400],
    ['two lengths', post(['Content-Length: 1', 'Content-Length: 2']), 'validation-failed', 400],
    ['a length that is no number', post(['Content-Length: many']), 'validation-failed', 400],
  ])('%s', async (_, said, code, status) => {
    const answer = problemIn(await speak(said))
    expect(answer.code).toBe(code)
    expect(answer.statusLine).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })
})

it('an expectation that nobody knows is a problem; `100-continue` is met', async () => {
  expect(problemIn(await speak(post(['Expect: 200-ok', 'Content-Length: 2']) + '{}')).code).toBe(
    'expectation-failed',
  )
  const continued = await speak(post(['Expect: 100-continue', 'Content-Length: 2']) + '{}')
  expect(continued).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
})

it('nothing is written into an answer that is under way', async () => {
  const text = await speak('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n', 'nonsense\r\n\r\n')
  released.resolve()
  expect(text).not.toContain('problem')
})

describe('a wish to speak another protocol is not followed, and the request answered as any other:', () => {
  const wishing = (protocol: string) =>
    post([
      `Upgrade: ${protocol}`,
      'Connection: Upgrade, HTTP2-Settings',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
      'Content-Length: 7',
    ]).replace('Connection: close\r\n', '')

  it.each(['h2c', 'TLS/1.0', 'websocket', 'h2c, websocket'])('%s', async (protocol) => {
    // Also where the server takes websockets elsewhere.
    served.server.on('upgrade', (_request, socket) => socket.destroy())
    const next = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const heard = await speak(`${wishing(protocol)}{"a":1}`, next)
    served.server.removeAllListeners('upgrade')
    expect(heard).toMatch(/^HTTP\/1.1 200 OK[^]*\{"got":\{"a":1\}\}/)
    expect(heard).toMatch(/\{"status":"ok"\}$/)
  })
})
