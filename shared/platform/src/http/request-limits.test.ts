import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import express, { Router } from 'express'
import { readJsonBodies } from './json-bodies.ts'
import { createHttpServer, listen } from './listen.ts'
import { noteAddress } from './note-address.ts'
import { answerProblems } from './problems.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import type { SecurityEvent, SecurityFields } from '../security-log.ts'
import { boundUnsentAnswers } from './unsent-answers.ts'

const sockets: Socket[] = []
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()))

/** Says something, and then no more. */
async function say(origin: string, said: string): Promise<Socket> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(said)
  return socket
}
const endless = (length: number): string =>
  `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{`
const postTo = (origin: string, path = '/echo') =>
  fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: '{"text":"Hello"}',
  })
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code

describe('requests under way', () => {
  const arrived: (() => void)[] = []
  const released = Promise.withResolvers<void>()
  const router = Router()
  router.post('/echo', (request, response) => void response.json(request.body))
  router.post('/slow', async (_request, response) => {
    arrived.shift()?.()
    await released.promise
    response.json({})
  })

  it('are only those whose body is there: whoever never ends one takes no place', async () => {
    const served = await serveRouters([router], { maxRequests: 2 })
    try {
      const seen = new Promise<void>((resolve) => {
        let count = 0
        served.server.on('request', () => (count += 1) === 5 && resolve())
      })
      for (let count = 0; count < 5; count += 1) await say(served.origin, endless(1_000))
      await seen
      const answer = await postTo(served.origin)
      expect([answer.status, await answer.json()]).toEqual([200, { text: 'Hello' }])
    } finally {
      await served.close()
    }
  })

  it('of one address leave places for others', async () => {
    const served = await serveRouters([router], { maxRequests: 100, maxRequestsPerAddress: 2 })
    try {
      const both = [1, 2].map(() => new Promise<void>((resolve) => arrived.push(resolve)))
      const slow = [1, 2].map(() => postTo(served.origin, '/slow'))
      await Promise.all(both)
      const refused = await postTo(served.origin)
      expect(refused.headers.get('retry-after')).toBe('1')
      expect([refused.status, await codeOf(refused)]).toEqual([429, 'rate-limited'])
      released.resolve()
      await Promise.all(slow)
      expect((await postTo(served.origin)).status).toBe(200)
    } finally {
      await served.close()
    }
  })
})

describe('where all that wait are too much', () => {
  /** An app of these handlers, whose clients say in a header who they are. */
  async function serve(...handlers: readonly express.RequestHandler[]) {
    const app = express().set('trust proxy', 1)
    app.use(noteAddress, ...handlers)
    app.post('/echo', (request, response) => void response.json(request.body))
    app.get('/page', (_request, response) => void response.send(Buffer.alloc(8 * 1_024 * 1_024)))
    app.use(answerProblems(createSilentLogger()))
    const listening = await listen(createHttpServer(app), { port: 0, host: '127.0.0.1' })
    return { ...listening, origin: `http://127.0.0.1:${listening.port}` }
  }
  const from = (address: string, request: string) =>
    request.replace('\r\n', `\r\nX-Forwarded-For: ${address}\r\n`)

  it('the body that has come for longest is refused, of whoever sends most of them', async () => {
    // Room for three.
    const served = await serve(readJsonBodies({ most: 3 * 17 * 1_024 }))
    try {
      const arrival = async (address: string) => {
        const seen = once(served.server, 'request')
        const socket = await say(served.origin, from(address, endless(1_000)))
        await seen
        return socket
      }
      const honest = await arrival('192.0.2.1')
      const [first, second] = [await arrival('192.0.2.66'), await arrival('192.0.2.66')]
      const refused = once(first, 'data')
      await arrival('192.0.2.66')
      expect(String(await refused)).toMatch(/^HTTP\/1\.1 503 .*"code":"overloaded"/s)
      expect([honest.destroyed, second.destroyed]).toEqual([false, false])
      const answered = once(honest, 'data')
      honest.write(`"text":"${'x'.repeat(1_000 - 11)}"}`)
      expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 /)
    } finally {
      await served.close(0)
    }
  })

  it('the answer that is unread for longest is cut off, of whoever has most of them', async () => {
    // Of 8 MB each the operating system takes some.
    const note = jest.fn<undefined, [SecurityEvent, SecurityFields?]>()
    const served = await serve(boundUnsentAnswers({ most: 18 * 1_024 * 1_024, security: { note } }))
    try {
      const ask = async (address: string) => {
        const answered = once(served.server, 'request')
        const socket = await say(
          served.origin,
          from(address, 'GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n'),
        )
        socket.pause()
        const [{ socket: theirs }] = (await answered) as [{ socket: Socket }]
        return theirs
      }
      const honest = await ask('192.0.2.1')
      const first = await ask('192.0.2.66')
      const cut = once(first, 'close')
      await ask('192.0.2.66')
      await ask('192.0.2.66')
      await cut
      expect(honest.destroyed).toBe(false)
      expect(note).toHaveBeenCalledWith('client-shed', { network: '192.0.2.66', reason: 'unread-answers' })
      expect(note).not.toHaveBeenCalledWith('client-shed', expect.objectContaining({ network: '192.0.2.1' }))
    } finally {
      await served.close(0)
    }
  })
})
