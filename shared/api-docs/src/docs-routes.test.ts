import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { runInNewContext } from 'node:vm'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { listen, type Listening } from '@parley/platform/http/listen.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createAsyncApiDocument } from './asyncapi.ts'
import { createDocsRouter } from './docs-routes.ts'
import { createOpenApiDocument } from './openapi.ts'

let listening: Listening
let origin: string

beforeAll(async () => {
  const app = createHttpApp({
    routers: [createDocsRouter()],
    health: createHealth(),
    metrics: createMetrics(),
    logger: createSilentLogger(),
    allowedOrigins: ['http://chat.example.org:8443'],
    trustedProxies: 0,
  })
  listening = await listen(app, { port: 0, host: '127.0.0.1' })
  origin = `http://127.0.0.1:${listening.port}`
})
afterAll(() => listening.close(0))

const get = async (path: string) => {
  const response = await fetch(new URL(path, origin))
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe.each(['/docs', '/docs/'])('the page at %s', (path) => {
  it('loads only what this process serves', async () => {
    const page = await get(path)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset = '']) => asset)
    expect(assets).toHaveLength(4)
    const types = await Promise.all(
      assets.map(async (asset) => {
        const { status, headers, text } = await get(new URL(asset, new URL(path, origin)).pathname)
        expect(status).toBe(200)
        expect(text.length).toBeGreaterThan(0)
        return headers.get('content-type')?.split(';')[0]
      }),
    )
    expect(types).toEqual(['image/png', 'text/css', 'text/javascript', 'text/javascript'])
  })

  it('has nothing inline, which its Content-Security-Policy forbids', async () => {
    const { headers, text } = await get(path)
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("default-src 'self';")
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/)
  })
})

it('the page starts with the document that is served', async () => {
  const { text } = await get('/docs/initialize.js')
  const start = jest.fn<void, [{ url: string }]>()
  runInNewContext(text, { SwaggerUIBundle: start })
  const document = await get(start.mock.lastCall?.[0].url ?? '')
  expect(JSON.parse(document.text)).toEqual(
    JSON.parse(JSON.stringify(createOpenApiDocument({ serverUrl: origin }))),
  )
  expect(document.headers.get('content-type')).toBe('application/json; charset=utf-8')
})

it('serves the AsyncAPI document', async () => {
  const { text } = await get('/docs/asyncapi.json')
  expect(JSON.parse(text)).toEqual(createAsyncApiDocument({ serverUrl: origin }))
})

it('names the address that the documents were asked at', async () => {
  const serversAt = async (host: string) => {
    const asked = request(new URL('/docs/openapi.json', origin), { headers: { host } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const { servers } = (await json(response)) as { servers: unknown }
    return servers
  }
  expect(await serversAt('chat.example.org:8443')).toEqual([{ url: 'http://chat.example.org:8443' }])
  expect(await serversAt('"><script>')).toEqual([{ url: 'http://localhost:3000' }])
})

it('serves no other file of the Swagger UI package', async () => {
  await expect(get('/docs/package.json')).resolves.toMatchObject({ status: 404 })
  await expect(get('/docs/..%2fpackage.json')).resolves.toMatchObject({ status: 404 })
})

it('documents /healthz and /readyz as they answer', async () => {
  const document = createOpenApiDocument()
  const ajv = new Ajv2020({ strict: false }).addSchema(document, 'document')
  for (const [path, schema] of [
    ['/healthz', 'Alive'],
    ['/readyz', 'Readiness'],
  ] as const) {
    const validate = ajv.compile({ $ref: `document#/components/schemas/${schema}` })
    const { text } = await get(path)
    expect([text, validate(JSON.parse(text))]).toContain(true)
  }
})
