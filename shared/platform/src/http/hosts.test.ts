import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { Router } from 'express'
import { hosts } from './hosts.ts'

const router = Router().get('/hello', (_request, response) => void response.json({ hello: true }))
let served: Awaited<ReturnType<typeof serveRouters>>
beforeAll(async () => {
  served = await serveRouters([router], {
    allowedOrigins: ['https://chat.example.com', 'http://192.0.2.7:3000'],
    allowedHosts: ['api.example.com'],
  })
})
afterAll(() => served.close())

async function ask(host: string, path = '/hello') {
  const asked = request(`${served.origin}${path}`, { headers: { host } }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: (await json(response)) as { code?: string } }
}

describe('a server', () => {
  it.each([
    'localhost:3000',
    'LOCALHOST',
    'app.localhost:3000',
    '127.0.0.1:3000',
    '192.0.2.99',
    '[::1]:3000',
    '[2001:db8::7]',
    'chat:8080',
    'chat.example.com',
    'Chat.Example.com:3443',
    'api.example.com:8080',
  ])('answers to %s', async (host) => {
    expect(await ask(host)).toEqual({ status: 200, body: { hello: true } })
  })

  it.each([
    'evil.example',
    'evil.example:3000',
    'chat.example.com.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'api.example.com.',
  ])('does not answer to %s', async (host) => {
    const { status, body } = await ask(host)
    expect([status, body.code]).toEqual([421, 'host-not-allowed'])
    expect(await served.metrics()).toMatch(/parley_security_events_total\{event="host-refused"\} [1-9]/)
  })

  it('says how it is whatever it is called, as probes do not know its name', async () => {
    expect((await ask('evil.example', '/healthz')).status).toBe(200)
    expect((await ask('evil.example', '/readyz')).status).toBe(200)
  })

  it('answers who names none, as in HTTP/1.0', async () => {
    const socket = connect(Number(new URL(served.origin).port), '127.0.0.1')
    socket.write('GET /hello HTTP/1.0\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('the setting of names', () => {
  it('is a list', () =>
    expect(hosts.parse('chat.example.com, API.example.com')).toEqual(['chat.example.com', 'api.example.com']))
  it.each(['https://chat.example.com', 'chat.example.com:3000', 'a b'])('is not %j', (text) =>
    expect(() => hosts.parse(text)).toThrow('must be names'),
  )
})
