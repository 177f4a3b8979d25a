import { randomUUID } from 'node:crypto'
import { sendCommand } from '@parley/contracts/messages.ts'
import { login, type LoginResponse } from '@parley/contracts/sessions.ts'
import { createUser, type CreateUserResponse } from '@parley/contracts/users.ts'
import { callOperation } from '@parley/testing/call-operation.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { io, type Socket } from 'socket.io-client'
import type { WebSocket } from 'ws'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import { type Inspector, openInspector } from './inspector.ts'

const readers = 1_000
const stalled = 10
/** Of 16 kB each; every one of them goes to a client that does not read. */
const messagesPerRound = 500
/** Each of the ten needs the caps, and what the operating system holds for a connection: 14 MB at most. */
const mostRounds = 20
const sendingAtOnce = 40
const text = '🙂'.repeat(4_000)
const password = 'a good password'
const megabyte = 1_048_576
/** What may wait for ten clients: 4 MB each, as text and as frame. A message of 16 kB takes some 50 kB. */
const mostHeldInMegabytes = 150
/** Once they are closed there is nothing left but caches. */
const mostLeftInMegabytes = 30

/** PARLEY_PRESSURE_CAPS=none raises the caps out of reach: the test must fail then. */
const caps: Record<string, string> =
  process.env['PARLEY_PRESSURE_CAPS'] === 'none'
    ? {
        SOCKET_MAX_BUFFERED_PACKETS: '1000000',
        SOCKET_MAX_BUFFERED_BYTES: '1073741824',
        SOCKETS_MAX_BUFFERED_BYTES: '4294967296',
      }
    : {}

interface Sample {
  readonly rss: number
  /** By V8 and outside of its heap. */
  readonly held: number
  readonly sockets: number
  readonly closed: number
}

describe('clients that stop reading', () => {
  const folder = createTemporaryFolder()
  let server: EmbeddedProcess
  let inspector: Inspector
  const sockets: Socket[] = []

  beforeAll(async () => {
    server = await startEmbedded({
      dataFolder: folder.path,
      // Not for their silence: that would take longer.
      env: {
        ...caps,
        PING_TIMEOUT_MS: '120000',
        SOCKETS_PER_USER: String(readers),
        NODE_OPTIONS: '--inspect=127.0.0.1:0',
      },
    })
    inspector = await openInspector(server.stderr())
  }, 60_000)
  afterAll(async () => {
    for (const socket of sockets) socket.disconnect()
    inspector?.close()
    await server?.end('SIGTERM')
    folder.remove()
  }, 60_000)

  interface Person {
    readonly id: string
    readonly token: string
  }
  async function signUp(name: string): Promise<Person> {
    const email = `${name}@example.com`
    const body = { firstName: name, lastName: 'Pressure', email, password }
    const { user } = (await callOperation(server.url, createUser, { body })).body as CreateUserResponse
    const answer = await callOperation(server.url, login, { body: { email, password } })
    return { id: user.id, token: (answer.body as LoginResponse).token }
  }

  async function connect({ token }: Person): Promise<Socket> {
    const socket = io(server.url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token },
    })
    sockets.push(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
    return socket
  }

  /** Carries out so many pieces of work, a few at a time. */
  async function each(
    count: number,
    atOnce: number,
    work: (index: number) => Promise<unknown>,
  ): Promise<void> {
    let next = 0
    async function some(): Promise<void> {
      while (next < count) await work(next++)
    }
    await Promise.all(Array.from({ length: atOnce }, some))
  }

  /** Memory with its garbage collected: what is held, not what V8 has not yet looked at. */
  async function measure(): Promise<Sample> {
    await inspector.collectGarbage()
    const lines = (await (await fetch(server.metrics)).text()).split('\n')
    const valueOf = (name: string): number =>
      Number(
        lines
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')
          .at(-1) ?? 0,
      )
    return {
      rss: valueOf('process_resident_memory_bytes') / megabyte,
      held: (valueOf('nodejs_heap_size_used_bytes') + valueOf('nodejs_external_memory_bytes')) / megabyte,
      sockets: valueOf('parley_realtime_connections'),
      closed: valueOf('parley_realtime_closed_total{cause="buffer"}'),
    }
  }

  async function sample(): Promise<Sample> {
    const sampled = await measure()
    process.stdout.write(`${toLine(sampled)}\n`)
    return sampled
  }

  it(`cost the process no memory beside ${readers} that read`, async () => {
    const sender = await signUp('sender')
    const crowd = await signUp('crowd')
    const sleepers = await Promise.all(
      Array.from({ length: stalled }, (_, index) => signUp(`sleeper-${index}`)),
    )
    const send = async (to: Person, text: string): Promise<void> => {
      const { status } = await fetch(`${server.url}${sendCommand.path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sender.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ to: to.id, clientId: randomUUID(), text }),
      })
      expect(status).toBe(201)
    }
    let heard = 0
    await each(readers, 20, async () => {
      const socket = await connect(crowd)
      socket.on('timeline:entry', () => (heard += 1))
    })
    // A socket that stops reading, as on a network that went away; the connection stands.
    for (const sleeper of sleepers) {
      const socket = await connect(sleeper)
      const { ws } = socket.io.engine.transport as unknown as { ws: WebSocket }
      ws.pause()
    }

    const before = await sample()
    let last = before
    let rounds = 0
    // One more round once they are closed, which is to leave nothing.
    for (let closed = 0; closed < stalled && rounds < mostRounds; rounds += 1) {
      closed = last.closed
      await send(crowd, 'to all who read')
      await each(messagesPerRound, sendingAtOnce, (index) => send(sleepers[index % stalled]!, text))
      last = await sample()
      expect(last.held - before.held).toBeLessThan(mostHeldInMegabytes)
    }

    expect(before.sockets).toBe(readers + stalled)
    expect(last.held - before.held).toBeLessThan(mostLeftInMegabytes)
    // Those who read are all still there, and have heard everything.
    expect(last).toMatchObject({ sockets: readers, closed: stalled })
    expect(heard).toBe(readers * rounds)
  }, 180_000)
})

const toLine = ({ rss, held, sockets, closed }: Sample): string =>
  `clients that stop reading: rss ${rss.toFixed(0)}, held ${held.toFixed(1)} MB; ${sockets} sockets, ${closed} closed for what waited`
