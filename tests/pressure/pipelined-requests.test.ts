import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { getHistory, type HistoryResponse, sendCommand } from '@parley/contracts/messages.ts'
import { login, type LoginResponse } from '@parley/contracts/sessions.ts'
import { createUser, type CreateUserResponse } from '@parley/contracts/users.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import { readMetric } from '../failpoints/outcome.ts'

/** A page of history has 200 of them, and each is as long as a message may be: 16 kB. */
const messages = 200
const text = '🙂'.repeat(4_000)
const password = 'a good password'

describe('whoever asks for more and more, and reads nothing, kills nothing and holds up nobody:', () => {
  const folder = createTemporaryFolder()
  const sockets: Socket[] = []
  let server: EmbeddedProcess
  let bob: { id: string; token: string }
  let conversationId = ''
  let page: string
  beforeAll(async () => {
    server = await startEmbedded({
      dataFolder: folder.path,
      env: { NODE_OPTIONS: '--max-old-space-size=256' },
    })
    const alice = await signUp('alice')
    bob = await signUp('bob')
    for (let sent = 0; sent < messages; sent += 1) {
      const body = { to: bob.id, clientId: randomUUID(), text }
      const answer = await callOperation(server.url, sendCommand, { body, token: alice.token })
      conversationId = (answer.body as { entry: { conversationId: string } }).entry.conversationId
    }
    const line = `GET /chat/conversations/${conversationId}/messages?limit=200 HTTP/1.1`
    page = `${line}\r\nHost: localhost\r\nAuthorization: Bearer ${alice.token}\r\n\r\n`
  }, 60_000)
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await server?.end('SIGTERM')
    folder.remove()
  })

  async function signUp(name: string) {
    const email = `${name}@example.com`
    const body = { firstName: name, lastName: 'Pipe', email, password }
    const { user } = (await callOperation(server.url, createUser, { body })).body as CreateUserResponse
    const answer = await callOperation(server.url, login, { body: { email, password } })
    return { id: user.id, token: (answer.body as LoginResponse).token }
  }

  /** Writes all of it at once, and never reads. */
  async function pipeline(request: string, times: number): Promise<void> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    sockets.push(socket)
    socket.pause()
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(request.repeat(times))
  }

  const residentMegabytes = async (): Promise<number> =>
    (await readMetric(server.metrics, 'process_resident_memory_bytes')) / 1_024 ** 2

  it.each([
    ['many requests ahead', 3, 120],
    ['a few requests ahead, on many connections', 60, 16],
  ])(
    '%s',
    async (_, connections, requests) => {
      const before = await residentMegabytes()
      await Promise.all(Array.from({ length: connections }, () => pipeline(page, requests)))
      // Others are answered meanwhile.
      for (let asked = 0; asked < 20; asked += 1) {
        const { status, body } = await callOperation(server.url, getHistory, {
          token: bob.token,
          params: { id: conversationId },
          query: { limit: 1 },
        })
        expect([status, (body as HistoryResponse).messages.length]).toEqual([200, 1])
      }
      const after = await residentMegabytes()
      process.stdout.write(
        `asked for pages that nobody reads: rss ${before.toFixed(0)}, then ${after.toFixed(0)} MB\n`,
      )
      expect(after - before).toBeLessThan(250)
    },
    60_000,
  )
})
