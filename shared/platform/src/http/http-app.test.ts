import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createRecordingLogger } from '@parley/testing/silent-logger.ts'
import { problem } from '@parley/contracts/problem.ts'
import { Router } from 'express'
import { createHealth, type Health } from '../health.ts'
import { ParleyError } from '../parley-error.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const router = Router()
router.get('/hello/:name', (request, response) => void response.json({ hello: request.params['name'] }))
router.put('/hello/:name', (_request, response) => void response.json({}))
router.get('/hello/bob/friends', (_request, response) => void response.json({}))
router.get('/unforeseen', () => {
  throw new Error('the password is hunter2')
})
router.get('/limited', () => {
  throw new ParleyError('rate-limited', { retryAfterSeconds: 7 })
})
router.get('/secret', () => {
  throw new ParleyError('token-invalid', { cause: new Error('hunter2') })
})
router.get('/cut-off', (_request, response) => {
  response.write('the first half')
  throw new Error('unforeseen')
})

let health: Health
let served: Awaited<ReturnType<typeof serveRouters>>
const { logger, lines } = createRecordingLogger()
beforeAll(async () => {
  health = createHealth()
  served = await serveRouters([router], {
    logger,
    health,
    allowedOrigins: ['https://chat.test'],
    trustedProxies: 1,
  })
})
beforeEach(() => lines.splice(0))
afterAll(() => served.close())

const call = (path: string, init?: RequestInit) => fetch(`${served.origin}${path}`, init)
const problemFrom = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  const answered = problem.parse(await response.json())
  expect(answered.status).toBe(response.status)
  expect(answered.correlationId).toBe(response.headers.get('x-correlation-id'))
  return answered
}

describe('the correlation id', () => {
  it('is made where none was given', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await call('/hello/bob')).headers.get('x-correlation-id')),
    )
    expect(ids).toEqual([expect.stringMatching(uuid), expect.stringMatching(uuid)])
    expect(ids[0]).not.toBe(ids[1])
  })

  it('is kept where a harmless one was given', async () => {
    const response = await call('/hello/bob', { headers: { 'x-correlation-id': 'trace_1.part-2' } })
    expect(response.headers.get('x-correlation-id')).toBe('trace_1.part-2')
  })

  it.each(['short', 'x'.repeat(65), 'has a space', '{"json":true}', '<script>alert()'])(
    'is made anew where %j was given',
    async (given) => {
      const response = await call('/hello/bob', { headers: { 'x-correlation-id': given } })
      expect(response.headers.get('x-correlation-id')).toMatch(uuid)
    },
  )
})

describe('problems', () => {
  it('say nothing about an error that was not foreseen, and the log says where it was', async () => {
    const answered = await problemFrom(await call('/unforeseen'))
    expect(answered.code).toBe('internal')
    expect(JSON.stringify(answered)).not.toMatch(/hunter2|Error|\.ts/)
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 50,
        msg: 'request failed',
        correlationId: answered.correlationId,
        path: '/unforeseen',
        err: { type: 'Error', stack: expect.stringContaining('http-app.test.ts') as string },
      }),
    )
    expect(JSON.stringify(lines)).not.toContain('hunter2')
  })

  it('of callers are not logged as errors, and say nothing of their cause', async () => {
    const response = await call('/secret')
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    const answered = await problemFrom(response)
    expect(answered.code).toBe('token-invalid')
    expect(JSON.stringify(answered)).not.toContain('hunter2')
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([])
  })

  it('say when to come back', async () => {
    const response = await call('/limited')
    expect(response.headers.get('retry-after')).toBe('7')
    expect(await problemFrom(response)).toMatchObject({ code: 'rate-limited', retryAfterSeconds: 7 })
  })

  it('are the answer where there is nothing', async () => {
    const response = await call('/nothing/here')
    expect(response.headers.get('allow')).toBeNull()
    const answered = await problemFrom(response)
    expect(answered).toMatchObject({ code: 'route-not-found', detail: 'GET /nothing/here' })
  })

  it.each([
    ['POST', '/hello/bob', 'GET, HEAD, PUT'],
    ['DELETE', '/hello/bob/friends', 'GET, HEAD'],
    ['PATCH', '/healthz', 'GET, HEAD'],
    ['POST', '/readyz?since=1', 'GET, HEAD'],
  ])('are the answer to %s %s, which takes %s only', async (method, path, allowed) => {
    const response = await call(path, { method })
    expect(response.headers.get('allow')).toBe(allowed)
    const answered = await problemFrom(response)
    expect(answered).toMatchObject({ code: 'method-not-allowed', status: 405 })
  })

  it('are the answer to an address that is not well encoded', async () => {
    const answered = await problemFrom(await call('/hello/%E0%A4%A'))
    expect(answered.code).toBe('validation-failed')
  })

  it('cut the connection when the answer is under way, so that nobody takes half for the whole', async () => {
    const reading = call('/cut-off').then((response) => response.text())
    await expect(reading).rejects.toThrow('terminated')
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'request failed', path: '/cut-off' }))
  })
})

describe('browsers', () => {
  const from = (origin: string, init?: RequestInit) =>
    call('/hello/bob', { ...init, headers: { origin, 'access-control-request-method': 'GET' } })

  it('of an origin on the list may call, and see the headers that matter', async () => {
    const response = await from('https://chat.test')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://chat.test')
    expect(response.headers.get('access-control-expose-headers')).toBe('x-correlation-id,retry-after')
    const preflight = await from('https://chat.test', { method: 'OPTIONS' })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://chat.test')
  })

  it.each(['https://evil.test', 'https://chat.test.evil.test', 'http://chat.test', 'null'])(
    'of %s may not',
    async (origin) => {
      for (const method of ['GET', 'OPTIONS']) {
        const response = await from(origin, { method })
        expect(response.headers.get('access-control-allow-origin')).toBeNull()
      }
    },
  )

  it('are told to be careful with the answer, and nobody is told what runs here', async () => {
    const { headers } = await call('/hello/bob')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers.get('x-powered-by')).toBeNull()
  })

  it('keep no answer, also none that is a problem', async () => {
    for (const path of ['/hello/bob', '/nothing/here'])
      expect((await call(path)).headers.get('cache-control')).toBe('no-store')
  })

  it('are told to insist on TLS where they come over TLS, and nowhere else', async () => {
    const over = async (protocol: string) =>
      (await call('/hello/bob', { headers: { 'x-forwarded-proto': protocol } })).headers.get(
        'strict-transport-security',
      )
    expect(await over('https')).toBe('max-age=31536000; includeSubDomains')
    expect(await over('http')).toBeNull()
  })
})

describe('what the process says about itself', () => {
  it('is that it is alive', async () => {
    const response = await call('/healthz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  it('is what it does, by route and never by path', async () => {
    await call('/hello/bob')
    await call('/nothing/here')
    const text = await served.metrics()
    expect(text).toMatch(/parley_http_request_seconds_count\{method="GET",route="other",status="404"\} [1-9]/)
    expect(text).not.toContain('nothing/here')
  })

  it('is whether it should be given work', async () => {
    const read = async () => {
      const response = await call('/readyz')
      return [response.status, await response.json()] as const
    }
    expect(await read()).toEqual([200, { ready: true, draining: false, checks: {} }])
    let away = true
    health.addCheck('database', () => {
      if (away) throw new Error('the password is hunter2')
    })
    expect(await read()).toEqual([503, { ready: false, draining: false, checks: { database: 'failed' } }])
    away = false
    expect((await read())[0]).toBe(200)
    health.startDraining()
    expect(await read()).toEqual([503, { ready: false, draining: true, checks: { database: 'ok' } }])
    expect((await call('/healthz')).status).toBe(200)
  })
})

describe('a flood of requests', () => {
  it('is refused beyond what may be under way, and the process still says how it is', async () => {
    const arrived = [1, 2].map(() => Promise.withResolvers<void>())
    const released = Promise.withResolvers<void>()
    let next = 0
    const slow = Router().post('/slow', async (_request, response) => {
      arrived[next++]?.resolve()
      await released.promise
      response.json({})
    })
    const few = await serveRouters([slow], { logger, maxRequests: 2 })
    try {
      const ask = () => fetch(`${few.origin}/slow`, { method: 'POST' })
      const underWay = [ask(), ask()]
      await Promise.all(arrived.map(({ promise }) => promise))

      const refused = await ask()
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(await problemFrom(refused)).toMatchObject({
        status: 503,
        code: 'overloaded',
        retryAfterSeconds: 1,
      })
      // An error for each would be a flood too.
      expect(lines.filter(({ msg }) => msg !== 'request')).toEqual([])
      for (const path of ['/healthz', '/readyz'])
        expect((await fetch(`${few.origin}${path}`)).status).toBe(200)

      released.resolve()
      expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200])
      expect((await ask()).status).toBe(200)
    } finally {
      await few.close()
    }
  })
})
