import { join } from 'node:path'
import { anybody } from '@parley/auth/users/anybody.ts'
import { createPasswords } from '@parley/auth/users/passwords.ts'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'

interface Described {
  readonly operationId: string
  readonly security: readonly object[]
  readonly parameters?: readonly {
    readonly in: 'path' | 'query'
    readonly name: string
    readonly required?: boolean
    readonly schema: { readonly examples?: readonly unknown[] }
  }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example: object } } }
}

/** The people of the examples. */
const people = [
  { id: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10', firstName: 'Alice', lastName: 'Adams' },
  { id: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f11', firstName: 'Bob', lastName: 'Brown' },
]
const password = 'parley-demo'

/** Those that have more than one success, or none with what a document can show. */
const expected: Readonly<Record<string, number>> = {
  createUser: 201,
  sendDirect: 201,
  sendCommand: 201,
  sendMessage: 201,
  logout: 204,
  logoutEverywhere: 204,
  // A refresh token is good once, so the one in the document is not; its form is accepted.
  refresh: 401,
}

/** What the OpenAPI document shows, sent as it stands there ("Try it out"), by the Alice of the examples. */
describe('the examples of the document', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let operations: (Described & { readonly method: string; readonly path: string })[]

  beforeAll(async () => {
    const stores = openSqliteAuthStores(join(folder.path, 'auth.sqlite'))
    const passwords = createPasswords({ cost: 4, concurrency: 1 })
    const createdAt = new Date().toISOString()
    for (const user of people) {
      const email = `${user.firstName.toLowerCase()}@example.com`
      const passwordHash = await passwords.hash(password, anybody)
      const event = createEvent('users.user-registered.v1', {
        source: 'test',
        subject: user.id,
        data: { user },
      })
      await stores.users.insert({ ...user, email, createdAt, passwordHash }, event)
    }
    await stores.close()
    // One without the other would be taken for a folder of which half is missing.
    await openSqliteChatStores(join(folder.path, 'chat.sqlite')).close()
    server = await startEmbedded({ dataFolder: folder.path })
    const { paths } = (await (await fetch(`${server.url}/docs/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Described>>
    }
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    )
  })
  afterAll(async () => {
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
    folder.remove()
  })

  async function logIn(): Promise<string> {
    const response = await fetch(`${server.url}/users/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'alice@example.com', password }),
    })
    return ((await response.json()) as { token: string }).token
  }

  async function send({ method, path, parameters = [], requestBody, security }: (typeof operations)[number]) {
    let filled = path
    const query = new URLSearchParams()
    for (const { in: place, name, required, schema } of parameters) {
      const example = schema.examples?.[0]
      if (place === 'path') filled = filled.replace(`{${name}}`, String(example))
      else if (required === true || example !== undefined) query.set(name, String(example))
    }
    const body = requestBody?.content['application/json'].example
    return await fetch(`${server.url}${filled}?${query.toString()}`, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        // A session of its own for each, since some of them end it.
        ...(security.length > 0 && { authorization: `Bearer ${await logIn()}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  it('are accepted, each of them', async () => {
    expect(operations.length).toBeGreaterThan(20)
    // What is read has to be said before.
    const writers = operations.filter(({ operationId }) => operationId.startsWith('send'))
    const others = operations.filter((operation) => !writers.includes(operation))
    const answers: [string, number][] = []
    for (const operation of [...writers, ...others]) {
      answers.push([operation.operationId, (await send(operation)).status])
    }
    expect(answers).toEqual(answers.map(([id]) => [id, expected[id] ?? 200]))
  })

  it('are of one conversation, whatever case its ids are written in', async () => {
    const headers = { authorization: `Bearer ${await logIn()}` }
    const read = async (path: string) =>
      (await (await fetch(`${server.url}${path}`, { headers })).json()) as { messages: object[] }
    const [alice, bob] = people.map(({ id }) => id)
    const history = await read(`/chat/conversation/${alice}/${bob}`)
    expect(history.messages).toHaveLength(3)
    expect(await read(`/chat/conversation/${alice!.toUpperCase()}/${bob!.toUpperCase()}`)).toEqual(history)
  })
})
