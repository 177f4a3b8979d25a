import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { getTimeline } from '@parley/contracts/timeline.ts'
import type { getMe } from '@parley/contracts/users.ts'
import { ParleyClientError } from '../client-error.ts'
import { createManualTimers } from '../testing/manual-timers.ts'
import { createHttpClient, type Fetch } from './http-client.ts'

let server: Server
let requests: IncomingMessage[]
let answer: RequestListener
let closing: AbortController
const timers = createManualTimers()

beforeEach(async () => {
  requests = []
  closing = new AbortController()
  server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const createClient = () => createClientOn(fetch)
const createClientOn = (itsFetch: Fetch) =>
  createHttpClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetch: itsFetch,
    timers,
    silenceMs: 1_000,
    closing: closing.signal,
  })

describe('the HTTP client', () => {
  it('fills the path and the query, and leaves out what is undefined', async () => {
    answer = (_, response) => response.end('{"entries":[],"head":0,"more":false}')
    const page = await createClient().as('my-token')<typeof getTimeline>(
      'get',
      '/chat/conversations/:id/timeline',
      { params: { id: 'a/b' }, query: { after: 7, limit: undefined } },
    )
    expect(page).toEqual({ entries: [], head: 0, more: false })
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/chat/conversations/a%2Fb/timeline?after=7' })
    expect(requests[0]?.headers.authorization).toBe('Bearer my-token')
    expect(timers.pending).toBe(0)
  })

  it('gives up on an answer that does not come, and does not know more than that', async () => {
    answer = () => void timers.runNext()
    const call = createClient().as(undefined)<typeof getMe>('get', '/users/me', {})
    await expect(call).rejects.toMatchObject({ code: 'unavailable', problem: undefined })
  })

  it('waits for an answer as long as some of it comes, and not longer', async () => {
    const user = { id: 'x'.repeat(2_000) }
    const [start = '', ...rest] = JSON.stringify({ user }).match(/.{1,100}/g) ?? []
    let response: ServerResponse | undefined
    answer = (_, opened) => {
      response = opened
      opened.write(start)
    }
    /** Almost all of the patience is used up whenever a piece arrives. */
    const patient = createClientOn(async (...request) => {
      const answered = await fetch(...request)
      const pieces = new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          controller.enqueue(piece)
          timers.pass(999)
          const next = rest.shift()
          if (next === undefined) response?.end()
          else response?.write(next)
        },
      })
      return new Response(answered.body?.pipeThrough(pieces), answered)
    })
    expect(await patient.as(undefined)<typeof getMe>('get', '/users/me', {})).toEqual({ user })
    expect(timers.pending).toBe(0)

    const silent = createClientOn(async (...request) => {
      const answered = await fetch(...request)
      setImmediate(() => timers.pass(1_000))
      return answered
    })
    const call = silent.as(undefined)<typeof getMe>('get', '/users/me', {})
    await expect(call).rejects.toMatchObject({ code: 'unavailable', problem: undefined })
    expect(timers.pending).toBe(0)
  })

  it('ends with the reason of the signal', async () => {
    const abort = new AbortController()
    answer = () => abort.abort(new Error('enough'))
    const call = createClient().as(undefined)<typeof getMe>('get', '/users/me', {}, abort.signal)
    await expect(call).rejects.toThrow('enough')
    expect(timers.pending).toBe(0)
  })

  it('ends all calls when the client is closed, and makes no more', async () => {
    const closed = new ParleyClientError('closed')
    answer = () => closing.abort(closed)
    const call = createClient().as(undefined)
    await expect(call<typeof getMe>('get', '/users/me', {})).rejects.toBe(closed)
    await expect(call<typeof getMe>('get', '/users/me', {})).rejects.toBe(closed)
    expect(requests).toHaveLength(1)
    expect(timers.pending).toBe(0)
  })

  it.each(['', '<html>', '{"code":7}', '[]', '{"ok":tr'])(
    'takes the failure %j as unavailable',
    async (body) => {
      answer = (_, response) => void response.writeHead(502).end(body)
      const call = createClient().as(undefined)<typeof getMe>('get', '/users/me', {})
      await expect(call).rejects.toMatchObject({ code: 'unavailable' })
    },
  )
})
