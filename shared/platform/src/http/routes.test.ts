import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { operation } from '@parley/contracts/operation.ts'
import { callOperation, problemOf } from '@parley/testing/call-operation.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import { z } from 'zod'
import { createRoutes } from './routes.ts'

const userId = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'

const common = { tag: 'Test', summary: 'For this test', description: 'For this test.', problems: [] } as const
const whoAmI = operation({
  ...common,
  id: 'whoAmI',
  method: 'get',
  path: '/me',
  authenticated: true,
  responses: { 200: z.object({ userId: z.uuid(), address: z.string(), correlationId: z.string() }) },
})
const readNotes = operation({
  ...common,
  id: 'readNotes',
  method: 'get',
  path: '/notes/:id',
  authenticated: false,
  params: z.strictObject({ id: z.uuid() }),
  query: z.strictObject({ limit: z.coerce.number().int().max(10).default(5), search: z.string().optional() }),
  responses: { 200: z.object({ id: z.string(), limit: z.number(), search: z.string().optional() }) },
})
const writeNote = operation({
  ...common,
  id: 'writeNote',
  method: 'put',
  path: '/notes/:id',
  authenticated: true,
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ text: z.string() }),
  responses: { 201: z.object({ text: z.string() }), 204: null },
})

const think = operation({
  ...common,
  id: 'think',
  method: 'post',
  path: '/thoughts',
  authenticated: true,
  responses: { 204: null },
})

const issuer = createTestIssuer()
const thinking: PromiseWithResolvers<void>[] = []
const thought = new EventEmitter()
const handled = jest.fn()
let served: Awaited<ReturnType<typeof serveRouters>>
beforeAll(async () => {
  const routes = createRoutes({ verifyToken: issuer.verifyToken, maxRequestsPerUser: 2 })
  routes.add(whoAmI, async ({ caller, address, correlationId }) => ({
    status: 200,
    body: { userId: caller.userId, address, correlationId },
  }))
  routes.add(readNotes, async ({ params, query: { limit, search } }) => ({
    status: 200,
    body: { id: params.id, limit, ...(search === undefined ? {} : { search }) },
  }))
  routes.add(writeNote, async ({ body }) => {
    handled(body)
    return body.text === '' ? { status: 204 } : { status: 201, body }
  })
  routes.add(think, async () => {
    const thinks = Promise.withResolvers<void>()
    thinking.push(thinks)
    thought.emit('begun')
    await thinks.promise
    return { status: 204 }
  })
  served = await serveRouters([routes.router])
})
beforeEach(() => handled.mockClear())
afterAll(() => served.close())

describe('an operation that needs a token', () => {
  it('knows its caller', async () => {
    const answer = await callOperation(served.origin, whoAmI, { token: issuer.sign(userId) })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      userId,
      address: '127.0.0.1',
      correlationId: answer.headers.get('x-correlation-id'),
    })
  })

  it('takes the scheme in any case', async () => {
    const headers = { authorization: `bearer ${issuer.sign(userId)}` }
    expect((await callOperation(served.origin, whoAmI, { headers })).status).toBe(200)
  })

  it.each([
    ['no token', {}],
    ['an empty token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic YWxpY2U6cGFzc3dvcmQ=' }],
    ['two tokens', { authorization: 'Bearer one two' }],
  ])('answers 401 to %s', async (_, headers: Record<string, string>) => {
    const answer = await callOperation(served.origin, whoAmI, { headers })
    expect([answer.status, problemOf(answer).code]).toEqual([401, 'token-missing'])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it.each([
    ['token-expired', { expiresInSeconds: -1 }],
    ['token-invalid', { audience: 'somebody-else' }],
  ])('answers 401 %s', async (code, options) => {
    const answer = await callOperation(served.origin, whoAmI, { token: issuer.sign(userId, options) })
    expect([answer.status, problemOf(answer).code]).toEqual([401, code])
  })

  it('tells strangers nothing about what it asks for', async () => {
    const answer = await callOperation(served.origin, writeNote, {
      params: { id: 'nonsense' },
      body: { a: 1 },
    })
    expect(problemOf(answer).code).toBe('token-missing')
  })
})

describe('parameters', () => {
  const read = (query: string, id = userId) => fetch(`${served.origin}/notes/${id}${query}`)

  it('are parsed by the contract', async () => {
    const answer = await callOperation(served.origin, readNotes, {
      params: { id: userId },
      query: { limit: 7, search: 'a&b=ü ?' },
    })
    expect(answer.body).toEqual({ id: userId, limit: 7, search: 'a&b=ü ?' })
  })

  it('fall back on what the contract says', async () => {
    await expect((await read('')).json()).resolves.toEqual({ id: userId, limit: 5 })
  })

  it.each([
    ['?limit=11', 'query.limit'],
    ['?limit=one', 'query.limit'],
    ['?limit=1&limit=2', 'query.limit'],
    ['?search=a&search=b', 'query.search'],
    ['?search[$ne]=', 'query'],
    ['?unknown=1', 'query'],
    ['?__proto__=1', 'query'],
  ])('are refused in %s', async (query, path) => {
    const response = await read(query)
    expect(response.status).toBe(400)
    await expect(response.json()).resolves.toMatchObject({ code: 'validation-failed', errors: [{ path }] })
  })

  it('are refused in the path', async () => {
    const response = await read('', 'nonsense')
    expect(response.status).toBe(400)
    await expect(response.json()).resolves.toMatchObject({ errors: [{ path: 'params.id' }] })
  })
})

describe('a body', () => {
  const write = (body: unknown) =>
    callOperation(served.origin, writeNote, { token: issuer.sign(userId), params: { id: userId }, body })

  it('reaches the handler as the contract parsed it', async () => {
    expect(await write({ text: 'hello' })).toMatchObject({ status: 201, body: { text: 'hello' } })
    expect(handled.mock.calls).toEqual([[{ text: 'hello' }]])
  })

  it('is not there in an answer that has none', async () => {
    const answer = await write({ text: '' })
    expect([answer.status, answer.body]).toEqual([204, undefined])
    expect(answer.headers.get('content-type')).toBeNull()
  })

  it.each([{}, { text: 1 }, { text: 'a', more: true }, { text: { $ne: null } }, []])(
    'is refused before the handler sees it: %j',
    async (body) => {
      const answer = await write(body)
      expect(problemOf(answer)).toMatchObject({ status: 400, code: 'validation-failed' })
      expect(problemOf(answer).errors?.length).toBeGreaterThan(0)
      expect(handled).not.toHaveBeenCalled()
    },
  )
})

it('what is served is measured by route', async () => {
  await fetch(`${served.origin}/notes/${userId}`)
  const metrics = await served.metrics()
  expect(metrics).toContain('route="/notes/:id",status="200"')
  expect(metrics).not.toContain(userId)
})

describe('what one user may keep under way', () => {
  const token = issuer.sign(userId)
  const asOther = { token: issuer.sign('0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11') }
  async function begin(signal: AbortSignal) {
    const [begun, asked] = [once(thought, 'begun'), once(served.server, 'request')]
    const headers = { authorization: `Bearer ${token}` }
    const answer = fetch(`${served.origin}${think.path}`, { method: 'POST', headers, signal })
    // Whoever goes away hears nothing.
    const status = answer.then((response) => response.status).catch(() => undefined)
    await begun
    const [, response] = (await asked) as [unknown, ServerResponse]
    return { status, response }
  }

  it('is bounded, also when the user does not wait for it, and bounds nobody else', async () => {
    const impatience = new AbortController()
    const first = await begin(new AbortController().signal)
    const second = await begin(impatience.signal)
    const gone = once(second.response, 'close')
    impatience.abort()
    await gone

    const refused = await callOperation(served.origin, whoAmI, { token })
    expect([refused.status, problemOf(refused).code]).toEqual([429, 'rate-limited'])
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await callOperation(served.origin, whoAmI, asOther)).status).toBe(200)

    for (const { resolve } of thinking) resolve()
    expect(await first.status).toBe(204)
    expect((await callOperation(served.origin, whoAmI, { token })).status).toBe(200)
  })
})
