import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageFromEntry } from '@parley/contracts/fold.ts'
import { type Problem, type ProblemCode, problems } from '@parley/contracts/problem.ts'
import type { SendMessageCommand } from '@parley/contracts/messages.ts'
import type { Presence } from '@parley/contracts/socket.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { User } from '@parley/contracts/users.ts'
import { Server, type Socket } from 'socket.io'

/** What a test does to a request: cut it off before or after it took effect, or answer something else. */
export type Fault = 'cut-before' | 'cut-after' | { readonly status: number; readonly body: unknown }

export interface SeenRequest {
  readonly route: string
  readonly body: unknown
}

export const alice: User = {
  id: '00000000-0000-4000-8000-00000000000a',
  firstName: 'Alice',
  lastName: 'A',
  email: 'alice@example.com',
  createdAt: '2026-01-01T00:00:00.000Z',
}
export const bob: User = { ...alice, id: '00000000-0000-4000-8000-00000000000b', email: 'bob@example.com' }

export const problemFor = (code: ProblemCode, more: Partial<Problem> = {}): Problem => ({
  type: `urn:parley:problem:${code}`,
  ...problems[code],
  code,
  correlationId: 'test',
  ...more,
})

class Refusal extends Error {
  readonly code: ProblemCode
  constructor(code: ProblemCode) {
    super(code)
    this.code = code
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The other end of the protocol, in memory, for Alice and Bob; it misbehaves as a test tells it to. */
export async function createProtocolServer() {
  const timelines = new Map<string, TimelineEntry[]>()
  /** Conversations in the order of their changes: a heads cursor is a place in it. */
  const changes: string[] = []
  const accessTokens = new Map<string, User>()
  /** Each with the one that was given for it, if it has come. */
  const refreshTokens = new Map<string, { readonly user: User; next?: string }>()
  const requests: SeenRequest[] = []
  const commands: { event: string; payload: unknown }[] = []
  const ended: Promise<unknown>[] = []
  let http: HttpServer
  let io: Server

  const server = {
    url: '',
    requests,
    commands,
    timelines,
    accessTokens,
    refreshTokens,
    expiresIn: 900,
    pageSize: 100,
    /** Which data this is; a server of an earlier release does not say it. */
    epoch: undefined as string | undefined,
    restore,
    /** Asked about each request, and may hold it. */
    fault: undefined as
      | ((request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>)
      | undefined,
    /** Asked about each command; `lost` gives no ack although the command took effect. */
    /** So many sockets are refused with `rate-limited`. */
    refuseSockets: 0,
    ackFault: undefined as ((event: string) => 'lost' | ProblemCode | undefined) | undefined,
    /** Whether sockets are told about new entries. */
    delivers: true,
    sockets: (): Socket[] => [...io.sockets.sockets.values()],
    requestsTo: (route: string) => requests.filter((request) => request.route === route),
    commandsOf: (event: string) => commands.filter((command) => command.event === event),
    say,
    deliver: (entry: TimelineEntry) => io.emit('timeline:entry', entry),
    start,
    stop,
  }

  /** As after the restore of a backup that was made when the conversation had so many entries. */
  function restore(conversationId: string, head: number, epoch: string | undefined): void {
    timelines.get(conversationId)?.splice(head)
    server.epoch = epoch
  }

  function say(
    conversationId: string,
    sender: User,
    text: string,
    clientId: string = randomUUID(),
  ): TimelineEntry {
    const entries = timelines.get(conversationId) ?? []
    timelines.set(conversationId, entries)
    const known = entries.find((entry) => entry.senderId === sender.id && entry.clientId === clientId)
    if (known !== undefined) return known
    const entry: TimelineEntry = {
      id: randomUUID(),
      conversationId,
      seq: entries.length + 1,
      kind: 'message-created',
      senderId: sender.id,
      clientId,
      at: new Date().toISOString(),
      body: { text },
    }
    entries.push(entry)
    changes.push(conversationId)
    if (server.delivers) io.emit('timeline:entry', entry)
    return entry
  }

  function issueTokens(user: User, refreshToken = issueRefreshToken(user)) {
    const token = `access.${randomUUID()}`
    accessTokens.set(token, user)
    return { token, refreshToken, expiresIn: server.expiresIn }
  }

  function issueRefreshToken(user: User): string {
    const refreshToken = `refresh.${randomUUID()}`
    refreshTokens.set(refreshToken, { user })
    return refreshToken
  }

  /** As the real one: the token before the newest brings the same again; an older one ends all. */
  function refresh(refreshToken: string) {
    const known = refreshTokens.get(refreshToken)
    if (known?.next !== undefined && refreshTokens.get(known.next)?.next !== undefined) refreshTokens.clear()
    if (known === undefined || refreshTokens.size === 0) throw new Refusal('refresh-token-invalid')
    known.next ??= issueRefreshToken(known.user)
    return issueTokens(known.user, known.next)
  }

  const pageSizeOf = (url: URL): number =>
    Math.min(server.pageSize, Number(url.searchParams.get('limit') ?? Infinity))

  function answer(route: string, url: URL, body: never, caller: () => User): unknown {
    const id = url.pathname.split('/')[3] ?? ''
    switch (route) {
      case 'POST /users/auth/create':
        return { user: alice }
      case 'POST /users/auth/login': {
        const user = [alice, bob].find(({ email }) => email === (body as { email: string }).email)
        if (user === undefined) throw new Refusal('invalid-credentials')
        return { ...issueTokens(user), device: `device of ${user.email}`, user }
      }
      case 'POST /users/auth/refresh':
        return refresh((body as { refreshToken: string }).refreshToken)
      case 'POST /users/auth/logout':
        caller()
        return undefined
      case 'GET /users/me':
        return { user: caller() }
      case 'GET /chat/heads': {
        caller()
        const changed = new Set(changes.slice(Number(url.searchParams.get('cursor') ?? 0)))
        const heads = [...changed].map((id) => ({ conversationId: id, head: timelines.get(id)?.length ?? 0 }))
        return { heads, cursor: String(changes.length), more: false, epoch: server.epoch }
      }
      case 'GET timeline': {
        caller()
        const entries = timelines.get(id) ?? []
        const after = Number(url.searchParams.get('after'))
        const page = entries.slice(after, after + pageSizeOf(url))
        return {
          entries: page,
          head: entries.length,
          more: after + page.length < entries.length,
          epoch: server.epoch,
        }
      }
      case 'GET messages': {
        caller()
        const entries = timelines.get(id) ?? []
        const before = Number(url.searchParams.get('before') ?? entries.length + 1)
        const page = entries.slice(Math.max(0, before - 1 - pageSizeOf(url)), before - 1)
        const messages = page.map(messageFromEntry).toReversed()
        return { messages, nextBefore: (page[0]?.seq ?? 1) > 1 ? page[0]?.seq : null }
      }
      case 'POST messages': {
        const { text, clientId } = body as { text: string; clientId: string }
        return { entry: say(id, caller(), text, clientId) }
      }
      case 'POST /chat': {
        const { receiver, messageDetails, clientId } = body as {
          receiver: string
          messageDetails: { text: string }
          clientId: string
        }
        const {
          body: content,
          kind: _,
          ...entry
        } = say(`direct-${receiver}`, caller(), messageDetails.text, clientId)
        return { message: { ...entry, ...content }, conversation: {} }
      }
      case 'POST receipts':
        caller()
        return { delivered: 0, read: 0, ...(body as object) }
      default:
        throw new Refusal('route-not-found')
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server')
    const text = (await request.toArray()).join('')
    const body = (text === '' ? undefined : JSON.parse(text)) as never
    const inConversation = /^\/chat\/conversations\/[^/]+\/(\w+)$/.exec(url.pathname)?.[1]
    const route = `${request.method} ${inConversation ?? url.pathname}`
    const seen = { route, body }
    requests.push(seen)
    const fault = await server.fault?.(seen)
    if (fault === 'cut-before') return void request.socket.destroy()
    if (typeof fault === 'object') return reply(response, fault.status, fault.body)
    try {
      const result = answer(route, url, body, () => {
        const user = accessTokens.get(request.headers.authorization?.slice('Bearer '.length) ?? '')
        if (user === undefined) throw new Refusal('token-expired')
        return user
      })
      if (fault === 'cut-after') return void request.socket.destroy()
      reply(response, 200, result)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      reply(response, problems[error.code].status, problemFor(error.code))
    }
  }

  function serve(socket: Socket): void {
    const user = socket.data as User
    const on = (event: string, act: (payload: never) => object): void =>
      void socket.on(event, (payload: unknown, ack: (answer: unknown) => void) => {
        commands.push({ event, payload })
        const fault = server.ackFault?.(event)
        if (fault !== undefined && fault !== 'lost') return ack({ ok: false, problem: problemFor(fault) })
        const result = act(payload as never)
        if (fault !== 'lost') ack({ ok: true, ...result })
      })
    on('message:send', ({ conversationId, to, text, clientId }: SendMessageCommand) => ({
      entry: say(conversationId ?? `direct-${to}`, user, text, clientId),
    }))
    on('receipt:advance', (watermarks: object) => ({ delivered: 0, read: 0, ...watermarks }))
    on('typing', () => ({}))
    on('presence:watch', ({ userIds }: { userIds: string[] }) => ({
      presence: userIds.map((userId): Presence => ({ userId, online: userId === bob.id })),
    }))
    on('session:refresh', () => ({ expiresAt: new Date().toISOString() }))
  }

  async function start(): Promise<void> {
    const { port } = new URL(server.url || 'http://127.0.0.1:0')
    http = createServer((request, response) => ended.push(handle(request, response)))
    io = new Server(http, { transports: ['websocket'] })
    io.use((socket, next) => {
      if (server.refuseSockets > 0) {
        server.refuseSockets -= 1
        return next(Object.assign(new Error('rate-limited'), { data: problemFor('rate-limited') }))
      }
      const user = accessTokens.get(String(socket.handshake.auth['token']))
      socket.data = user
      next(
        user ? undefined : Object.assign(new Error('token-expired'), { data: problemFor('token-expired') }),
      )
    })
    io.on('connection', serve)
    await new Promise<void>((resolve) => http.listen(Number(port), '127.0.0.1', resolve))
    server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }

  /** As if it were killed: connections are cut, what is stored stays. */
  async function stop(): Promise<void> {
    http.closeAllConnections()
    await io.close()
    await Promise.all(ended)
  }

  await start()
  return server
}

export type ProtocolServer = Awaited<ReturnType<typeof createProtocolServer>>
