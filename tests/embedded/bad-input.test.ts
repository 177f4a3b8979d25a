import { createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Operation } from '@parley/contracts/operation.ts'
import { operations } from '@parley/contracts/operations.ts'
import { problem } from '@parley/contracts/problem.ts'
import { login, type LoginResponse } from '@parley/contracts/sessions.ts'
import { getJwks, type Jwks } from '@parley/contracts/token.ts'
import { createUser, getMe } from '@parley/contracts/users.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { createTestIssuer } from '@parley/testing/test-issuer.ts'
import { io } from 'socket.io-client'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

/** Every door, with what nobody should send. A real process, which has to be up and unchanged at the end. */
describe('bad input', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let token: string
  let userId: string
  let before: Record<string, number>

  beforeAll(async () => {
    server = await startEmbedded({
      dataFolder: folder.path,
      env: { LOGIN_FAILURES_PER_ADDRESS: '100000', LOGIN_FAILURES_PER_ACCOUNT: '100000' },
    })
    const person = { email: 'someone@example.com', password: 'a good password' }
    await callOperation(server.url, createUser, { body: { ...person, firstName: 'Some', lastName: 'One' } })
    const { body } = await callOperation(server.url, login, { body: person })
    ;({
      token,
      user: { id: userId },
    } = body as LoginResponse)
    before = countRows()
  })

  afterAll(async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(countRows()).toEqual(before)
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
    // That pages of other sites were refused, is told.
    const lines = server.stderr().split('\n')
    expect(lines.filter((line) => line !== '' && !line.includes('"event":"origin-refused"'))).toEqual([])
    folder.remove()
  })

  function countRows(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const name of ['auth.sqlite', 'chat.sqlite']) {
      const database = new DatabaseSync(join(folder.path, name), { readOnly: true })
      const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
      for (const { name: table } of tables) {
        counts[`${name} ${String(table)}`] = Number(
          database.prepare(`SELECT count(*) AS count FROM "${String(table)}"`).get()?.['count'],
        )
      }
      database.close()
    }
    return counts
  }

  const params = { id: randomUUID(), senderId: randomUUID(), receiverId: randomUUID() }
  const withBody = operations.filter(({ body }) => body !== undefined)
  const authenticated = operations.filter((operation) => operation.authenticated)
  const named = (list: readonly Operation[]) => list.map((operation) => [operation.id, operation] as const)

  describe.each(named(withBody))('body of %s', (_, operation) => {
    const call = (body: unknown, headers = {}) =>
      callOperation(server.url, operation, {
        params,
        body,
        headers,
        ...(operation.authenticated ? { token } : {}),
      })
    const fields = Object.keys(operation.body?.shape ?? {})
    const fill = (value: unknown) => Object.fromEntries(fields.map((name) => [name, value]))

    it.each([
      ['nothing', '', 'validation-failed'],
      ['an empty object', {}, 'validation-failed'],
      ['an array', [], 'validation-failed'],
      ['null', 'null', 'malformed-json'],
      ['a number', '7', 'malformed-json'],
      ['half an object', '{"a":', 'malformed-json'],
      ['operators in every field', fill({ $ne: null }), 'validation-failed'],
      ['null in every field', fill(null), 'validation-failed'],
      ['arrays in every field', fill([]), 'validation-failed'],
      ['negative numbers in every field', fill(-1), 'validation-failed'],
      ['__proto__', '{"__proto__":{"admin":true}}', 'malformed-json'],
      ['__proto__, escaped', '{"\\u005f_proto__":{"admin":true}}', 'malformed-json'],
      ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}', 'malformed-json'],
    ])('refuses %s', async (_name, body, code) => {
      const answer = await call(body)
      expect(answer.status).toBe(400)
      expect(problem.parse(answer.body)).toMatchObject({
        code,
        correlationId: answer.headers.get('x-correlation-id'),
      })
    })

    it('refuses 1 MB', async () => {
      expect((await call(fill('x'.repeat(1_000_000)))).status).toBe(413)
    })

    it('refuses another media type', async () => {
      expect((await call('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    })
  })

  describe.each(named(authenticated))('token of %s', (_, operation) => {
    it('refuses no token, and what is no token', async () => {
      for (const authorization of [
        '',
        'Bearer',
        'Bearer a b',
        'Basic YTpi',
        `Token ${token}`,
        'Bearer x.y.z',
      ]) {
        const answer = await callOperation(server.url, operation, { params, headers: { authorization } })
        expect([authorization, answer.status]).toEqual([authorization, 401])
      }
    })
  })

  describe.each(named(operations.filter((operation) => operation.params !== undefined)))(
    'parameters of %s',
    (_, operation) => {
      it.each(['x', '[object Object]', '$ne', '%00', "' OR 1=1 --", '../../etc/passwd', 'a'.repeat(2_000)])(
        'refuses %j',
        async (value) => {
          const wrong = { id: value, senderId: value, receiverId: value }
          const answer = await callOperation(server.url, operation, { params: wrong, token })
          expect(answer.status).toBe(400)
        },
      )
    },
  )

  it('refuses an address that is not well encoded, and one where nothing is', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const encoding = await fetch(`${server.url}/users/%E0%A4%A`, { headers })
    expect(encoding.status).toBe(400)
    const nothing = await fetch(`${server.url}/nothing/here`, { headers })
    expect(nothing.status).toBe(404)
    for (const response of [encoding, nothing]) {
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      problem.parse(await response.json())
    }
  })

  describe('forged tokens', () => {
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

    async function forgeries(): Promise<Record<string, string>> {
      const [key] = ((await callOperation(server.url, getJwks)).body as Jwks).keys
      const kid = key!.kid
      const [head, payload, signature] = token.split('.') as [string, string, string]
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
      const pem = createPublicKey({ key: { ...key }, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
      const unsigned = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${payload}`
      const hs256 = createHmac('sha256', pem).update(unsigned).digest('base64url')
      const stranger = createTestIssuer()
      return {
        'alg none': `${encode({ alg: 'none', typ: 'JWT', kid })}.${payload}.`,
        'HS256 with the public key': `${unsigned}.${hs256}`,
        'another subject': `${head}.${encode({ ...claims, sub: randomUUID() })}.${signature}`,
        'a stranger’s key under our kid': stranger.sign(userId, { kid }),
        'an unknown kid': stranger.sign(userId),
        'no signature': `${head}.${payload}.`,
      }
    }

    it('are refused by HTTP and by the gateway', async () => {
      for (const [name, forged] of Object.entries(await forgeries())) {
        const answer = await callOperation(server.url, getMe, {
          headers: { authorization: `Bearer ${forged}` },
        })
        expect([name, answer.status]).toEqual([name, 401])
        expect([name, await connect({ auth: { token: forged } })]).toEqual([name, 'token-invalid'])
      }
    })
  })

  /** Connects, and resolves to `connected`, to the code of the problem, or to Socket.IO's own words. */
  function connect(
    options: Parameters<typeof io>[1],
    use?: (socket: ReturnType<typeof io>) => Promise<string>,
  ) {
    const socket = io(server.url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      ...options,
    })
    return new Promise<string>((resolve) => {
      socket.on('connect', () => resolve(use === undefined ? 'connected' : use(socket)))
      socket.on('connect_error', (error: Error & { data?: { code: string } }) =>
        resolve(error.data?.code ?? error.message),
      )
    }).finally(() => socket.disconnect())
  }

  describe('sockets', () => {
    it.each([
      undefined,
      {},
      { token: 7 },
      { token: { $ne: null } },
      { token: '' },
      { token: 'x'.repeat(10_000) },
    ])('refuses the handshake %j', async (auth) => {
      expect(await connect(auth === undefined ? {} : { auth })).not.toBe('connected')
    })

    it('refuses an evil Origin and takes its own', async () => {
      const from = (origin: string) => connect({ auth: { token }, extraHeaders: { origin } })
      expect(await from('https://evil.example')).not.toBe('connected')
      expect(await from('null')).not.toBe('connected')
      expect(await connect({ auth: { token } })).toBe('connected')
    })

    it('closes the connection on a frame of 100 KB', async () => {
      const ended = await connect({ auth: { token } }, async (socket) => {
        const closed = new Promise<string>((resolve) => socket.on('disconnect', resolve))
        socket.emit('message:send', { to: randomUUID(), clientId: 'big', text: 'x'.repeat(100_000) })
        return closed
      })
      expect(ended).toBe('transport close')
    })

    it.each<[string, unknown]>([
      ['message:send', {}],
      ['message:send', null],
      ['message:send', { to: { $ne: null }, clientId: 'c', text: 'hello' }],
      ['message:send', { conversationId: randomUUID(), to: randomUUID(), clientId: 'c', text: 'hello' }],
      [
        'message:send',
        JSON.parse(`{"to":"${randomUUID()}","clientId":"c","text":"hello","__proto__":{"a":1}}`),
      ],
      ['message:send', { conversationId: randomUUID(), clientId: 'c', text: 'foreign' }],
      ['message:send', { to: randomUUID(), clientId: 'c', text: 'to nobody' }],
      ['receipt:advance', { conversationId: randomUUID(), read: 1 }],
      ['receipt:advance', { conversationId: 7, read: 'x' }],
      ['typing', { conversationId: randomUUID(), typing: 'yes' }],
      ['presence:watch', { userIds: 'everybody' }],
      ['presence:watch', { userIds: Array.from({ length: 201 }, () => randomUUID()) }],
      ['session:refresh', { token: 'x.y.z' }],
    ])('answers %s %j with a problem', async (event, payload) => {
      const code = await connect({ auth: { token } }, async (socket) => {
        const answer = (await socket.timeout(5_000).emitWithAck(event, payload)) as {
          ok: boolean
          problem?: unknown
        }
        expect(answer.ok).toBe(false)
        return problem.parse(answer.problem).code
      })
      expect(code).not.toBe('internal')
    })
  })
})
