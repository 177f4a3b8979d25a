import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getTimeline } from '@parley/contracts/timeline.ts'
import { sendCommand } from '@parley/contracts/messages.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { ParleyError, toProblem } from '../parley-error.ts'
import { createServiceClient, type ServiceClient } from './service-client.ts'

describe('asking another service', () => {
  const body = { to: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11', clientId: 'client-id-1', text: 'שלום' }
  let server: Server
  let origin: string
  let client: ServiceClient
  let answers: RequestListener[]
  let asked: string[]

  beforeEach(async () => {
    answers = []
    asked = []
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const answer = answers.shift()
      if (answer === undefined) response.writeHead(200).end('{}')
      else answer(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    origin = `http://localhost:${port}`
    client = createServiceClient({ origin, timeoutMs: 500 })
  })
  afterEach(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })

  const send = (token = 'a.token') => client.call(sendCommand, { body }, token)
  const cut: RequestListener = (request) => void request.socket.destroy()

  it('sends what the operation says, with the caller’s token', async () => {
    const received = Promise.withResolvers<unknown>()
    answers.push((request, response) => {
      const { authorization, 'content-type': type } = request.headers
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        received.resolve({
          authorization,
          type,
          body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
        })
        response.writeHead(201).end('{"entry":{"seq":7}}')
      })
    })
    expect(await send()).toEqual({ entry: { seq: 7 } })
    expect(await received.promise).toEqual({
      authorization: 'Bearer a.token',
      type: 'application/json',
      body,
    })
    expect(asked).toEqual(['POST /chat/messages'])
  })

  it('fills in parameters and the query', async () => {
    await client.call(getTimeline, { params: { id: 'a/b' }, query: { after: 3 } })
    expect(asked).toEqual(['GET /chat/conversations/a%2Fb/timeline?after=3'])
  })

  it('fails as the service failed, with the id that its logs have', async () => {
    const problem = toProblem(
      new ParleyError('validation-failed', {
        detail: 'No.',
        errors: [{ path: 'text', message: 'is blank' }],
      }),
      'correlation-1',
    )
    answers.push((_, response) => void response.writeHead(400).end(JSON.stringify(problem)))
    const error: unknown = await send().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ParleyError)
    expect(toProblem(error, 'correlation-2')).toEqual(problem)
    expect(asked).toHaveLength(1)
  })

  it('does not repeat what the service refused for now', async () => {
    const problem = toProblem(new ParleyError('unavailable', { retryAfterSeconds: 9 }), 'correlation-1')
    answers.push((_, response) => void response.writeHead(503).end(JSON.stringify(problem)))
    await expect(send()).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 9 } })
    expect(asked).toHaveLength(1)
  })

  it('tries again when the outcome is not known', async () => {
    answers.push(cut, cut)
    expect(await send()).toEqual({})
    expect(asked).toHaveLength(3)
  })

  it('asks no further than its bound of calls under way', async () => {
    const few = createServiceClient({ origin, maxCalls: 2 })
    const held: ServerResponse[] = []
    answers.push(...[1, 2].map((): RequestListener => (_, response) => void held.push(response)))
    const underWay = [1, 2].map(() => few.call(sendCommand, { body }))
    await expect(few.call(sendCommand, { body })).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfterSeconds: 1 },
    })
    await eventually(() => expect(held).toHaveLength(2))
    for (const response of held) response.end('{}')
    expect(await Promise.all(underWay)).toEqual([{}, {}])
    expect(await few.call(sendCommand, { body })).toEqual({})
    expect(asked).toHaveLength(3)
    await few.close()
  })

  it('gives up at the deadline, however long a try may take', async () => {
    const brief = createServiceClient({ origin, deadlineMs: 50 })
    answers.push(() => undefined)
    await expect(brief.call(sendCommand, { body })).rejects.toMatchObject({ code: 'unavailable' })
    expect(asked).toHaveLength(1)
    await brief.close()
  })

  it('gives up after three tries, and says that it may pass', async () => {
    answers.push(cut, cut, cut)
    await expect(send()).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 1 } })
    expect(asked).toHaveLength(3)
  })

  it('takes an answer that is no problem, or no JSON, as unavailable', async () => {
    answers.push((_, response) => void response.writeHead(502).end('{"code":7}'))
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' })
    for (let tries = 0; tries < 3; tries += 1) answers.push((_, response) => void response.end('<html>'))
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('does not wait for ever', async () => {
    const hang: RequestListener = () => undefined
    answers.push(hang, hang, hang)
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('says that a service that is not there is unavailable', async () => {
    const gone = createServiceClient({ origin: 'http://127.0.0.1:9' })
    await expect(gone.call(sendCommand, { body }, 'token')).rejects.toMatchObject({ code: 'unavailable' })
    await gone.close()
  })
})
