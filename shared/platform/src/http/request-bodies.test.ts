import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { problem } from '@parley/contracts/problem.ts'
import { operation } from '@parley/contracts/operation.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { z } from 'zod'
import { createRoutes } from './routes.ts'

const echo = operation({
  id: 'echo',
  method: 'post',
  path: '/echo',
  tag: 'Test',
  summary: 'Answers with what it was sent',
  description: 'For this test.',
  authenticated: false,
  body: z.looseObject({}),
  responses: { 200: z.looseObject({}) },
  problems: [],
})

const handled = jest.fn()
let served: Awaited<ReturnType<typeof serveRouters>>
beforeAll(async () => {
  const routes = createRoutes({ verifyToken: () => Promise.reject(new Error('not needed')) })
  routes.add(echo, async ({ body }) => {
    handled()
    return { status: 200, body }
  })
  served = await serveRouters([routes.router])
})
beforeEach(() => handled.mockClear())
afterAll(() => served.close())

const send = async (body: string | Buffer, headers: Record<string, string> = {}) => {
  const response = await fetch(`${served.origin}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: response.status, body: await response.json() }
}
const codeOf = async (answer: ReturnType<typeof send>) => {
  const { code, status } = problem.parse((await answer).body)
  expect([(await answer).status, handled.mock.calls]).toEqual([status, []])
  return code
}

describe('a body', () => {
  it.each([
    ['JSON', { text: 'Hello 👋', nested: [{ deep: null }] }],
    ['talk about prototypes', { text: '{"__proto__": 1} "constructor": {"prototype": 2}' }],
    ['a constructor that is only a word', { constructor: 'Brunel' }],
    ['escaped', { text: 'caf\u00e9 \u0001' }],
  ])('may be %s', async (_, body) => {
    await expect(send(JSON.stringify(body))).resolves.toEqual({ status: 200, body })
  })

  it('may be a message of 4,000 characters with every one of them escaped', async () => {
    const body = `{"text":"${'\\ud83d\\udc4b'.repeat(4_000)}"}`
    await expect(send(body)).resolves.toEqual({ status: 200, body: { text: '👋'.repeat(4_000) } })
  })

  it.each(['charset=utf8', 'charset=UTF8', 'charset="utf8"', 'charset=UTF-8'])(
    'may say %s, as many clients do',
    async (charset) => {
      const type = `application/json; ${charset}`
      const answer = send('{"text":"caf\u00e9"}', { 'content-type': type })
      await expect(answer).resolves.toEqual({ status: 200, body: { text: 'caf\u00e9' } })
    },
  )

  it('may be compressed', async () => {
    const body = gzipSync(JSON.stringify({ text: 'Hello' }))
    await expect(send(body, { 'content-encoding': 'gzip' })).resolves.toMatchObject({ status: 200 })
  })
})

describe('too large is', () => {
  it('a body of 1 MB', async () => {
    const answer = send(JSON.stringify({ text: 'x'.repeat(1_000_000) }))
    await expect(codeOf(answer)).resolves.toBe('payload-too-large')
  })

  it('a small body that unpacks to 1 MB', async () => {
    const body = gzipSync(JSON.stringify({ text: 'x'.repeat(1_000_000) }))
    expect(body.length).toBeLessThan(10_000)
    const answer = send(body, { 'content-encoding': 'gzip' })
    await expect(codeOf(answer)).resolves.toBe('payload-too-large')
  })
})

describe('malformed is', () => {
  it.each([
    '{',
    '{"a":1,}',
    "{'a':1}",
    'hello',
    '"a string"',
    '7',
    'null',
    '{"a":"\\ud83"}',
    '{}{}',
    '\ufeff{',
  ])('%j', async (body) => expect(codeOf(send(body))).resolves.toBe('malformed-json'))

  it.each([
    ['at the top', '{"__proto__":{"admin":true}}'],
    ['deep within', '{"a":[{"b":{"__proto__":{"admin":true}}}]}'],
    ['holding nothing', '{"__proto__":null}'],
    ['written with escapes', '{"\\u005f\\u005Fproto__":{"admin":true}}'],
    ['written with escapes only', '{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":{}}'],
    ['spaced out', '{"__proto__" \n\t : {"admin":true}}'],
    ['by way of the constructor', '{"constructor":{"prototype":{"admin":true}}}'],
    ['by way of an escaped constructor', '{"\\u0063onstructor":{"prototype":{"admin":true}}}'],
  ])('a prototype %s', async (_, body) => {
    await expect(codeOf(send(body))).resolves.toBe('malformed-json')
  })

  it('a compressed prototype', async () => {
    const answer = send(gzipSync('{"__proto__":{"admin":true}}'), { 'content-encoding': 'gzip' })
    await expect(codeOf(answer)).resolves.toBe('malformed-json')
  })
})

describe('what does not fit its Content-Encoding', () => {
  const whole = JSON.stringify({ text: 'Hello '.repeat(100) })
  const half = (packed: Buffer) => packed.subarray(0, packed.length / 2)

  it.each([
    ['gzip', 'plain', Buffer.from(whole)],
    ['gzip', 'cut off', half(gzipSync(whole))],
    ['deflate', 'plain', Buffer.from(whole)],
    ['deflate', 'cut off', half(deflateSync(whole))],
    ['br', 'plain', Buffer.from(whole)],
    ['br', 'cut off', half(brotliCompressSync(whole))],
  ])('%s that is %s is malformed', async (encoding, _, body) => {
    await expect(codeOf(send(body, { 'content-encoding': encoding }))).resolves.toBe('malformed-json')
  })
})

describe('of an unsupported type is', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', ''])('%j', async (type) => {
    await expect(codeOf(send('{"a":1}', { 'content-type': type }))).resolves.toBe('unsupported-media-type')
  })

  it.each(['utf-16le', 'utf-7', 'latin1', 'nonsense'])('JSON in %s', async (charset) => {
    const type = `application/json; charset=${charset}`
    await expect(codeOf(send('{"a":1}', { 'content-type': type }))).resolves.toBe('unsupported-media-type')
  })

  it('a prototype that another encoding hides', async () => {
    const body = Buffer.from('{"__proto__":{"admin":true}}', 'utf16le')
    const answer = send(body, { 'content-type': 'application/json; charset=utf-16le' })
    await expect(codeOf(answer)).resolves.toBe('unsupported-media-type')
  })

  it('a packing that nobody knows', async () => {
    const answer = send('{"a":1}', { 'content-encoding': 'nonsense' })
    await expect(codeOf(answer)).resolves.toBe('unsupported-media-type')
  })
})

it('nothing counts as an empty object, whose fields the contract may miss', async () => {
  await expect(send('')).resolves.toEqual({ status: 200, body: {} })
})

it('a list is not what the contract asks', async () => {
  await expect(codeOf(send('[]'))).resolves.toBe('validation-failed')
})
