import { randomUUID } from 'node:crypto'
import type { Event } from '@parley/contracts/events.ts'
import {
  type Ack,
  clientEvents,
  type ClientToServerEvents,
  refused,
  type ServerToClientEvents,
} from '@parley/contracts/socket.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import type { Logger } from '@parley/platform/log.ts'
import { createEndedSessions, type EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { serveRouters } from '@parley/testing/serve-routers.ts'
import { createSilentLogger } from '@parley/testing/silent-logger.ts'
import { createTestIssuer, type TestIssuer } from '@parley/testing/test-issuer.ts'
import type { ServerOptions } from 'socket.io'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { z } from 'zod'
import { createRedisBackplane } from '../backplane.redis.ts'
import { realtimeConfig } from '../config.ts'
import { socketAddress } from '../connection/socket-address.ts'
import { createGateway } from '../gateway.ts'
import { createMemoryPresenceStore } from '../presence/presence-store.memory.ts'
import type { PresenceStore } from '../presence/presence-store.ts'
import { createMemoryTypingStore } from '../presence/typing-store.memory.ts'
import type { ChatPort } from '../sending/chat-port.ts'

export type Client = Socket<ServerToClientEvents, ClientToServerEvents>

interface Options {
  readonly settings?: z.input<typeof realtimeConfig>
  readonly chat?: Partial<ChatPort>
  readonly presence?: PresenceStore
  readonly adapter?: ServerOptions['adapter']
  readonly logger?: Logger
  /** Shared with other gateways; one of its own without. */
  readonly bus?: EventBus
  /** Whose tokens several gateways take; one of its own without. */
  readonly issuer?: TestIssuer
  /** Joins gateways into one; this one is alone in memory without. */
  readonly redisUrl?: string
  /** Sessions that have ended; none without. */
  readonly ended?: EndedSessions
  /** How many proxies in front say who the client is. */
  readonly trustedProxies?: number
}

const noChat = (): Promise<never> => Promise.reject(new Error('this test has no chat'))

/** A gateway on a real HTTP server with real clients. */
export async function openGateway({ settings = {}, chat = {}, adapter, ...options }: Options = {}) {
  const config = realtimeConfig.parse({ PRESENCE_GRACE_MS: 0, DRAIN_WAIT_MS: 1_000, ...settings })
  const logger = options.logger ?? createSilentLogger()
  const metrics = createMetrics()
  const bus = options.bus ?? createMemoryEventBus()
  const issuer = options.issuer ?? createTestIssuer()
  const backplane =
    options.redisUrl === undefined
      ? undefined
      : createRedisBackplane({
          url: options.redisUrl,
          presenceTtlMs: config.PRESENCE_TTL_MS,
          typingTtlMs: config.TYPING_TTL_MS,
          logger,
          metrics,
        })
  const presence =
    options.presence ?? backplane?.presence ?? createMemoryPresenceStore({ ttlMs: config.PRESENCE_TTL_MS })
  const gateway = createGateway({
    config,
    trustedProxies: options.trustedProxies ?? 0,
    chat: { sendMessage: noChat, advanceReceipt: noChat, memberIds: noChat, ...chat },
    ended: options.ended ?? createEndedSessions(),
    async verifyToken(token) {
      const caller = await issuer.verifyToken(token)
      opened.afterVerifying?.()
      return caller
    },
    presence,
    typing: backplane?.typing ?? createMemoryTypingStore({ ttlMs: config.TYPING_TTL_MS }),
    bus,
    logger,
    metrics,
    adapter: adapter ?? backplane?.adapter,
    backplane,
  })
  const served = await serveRouters([gateway.router], {
    logger,
    allowedOrigins: config.ALLOWED_ORIGINS,
    websocketsAt: socketAddress,
  })
  await gateway.start(served.server)

  const url = served.origin
  const clients: Client[] = []

  /** A client that does not connect by itself. */
  function createClient(auth: object, more: Partial<ManagerOptions & SocketOptions> = {}): Client {
    const client: Client = io(url, {
      transports: ['websocket'],
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      auth: { ...auth },
      ...more,
    })
    clients.push(client)
    return client
  }

  const opened = {
    url,
    /** Called between the verdict about a token and what is done about it. */
    afterVerifying: undefined as (() => void) | undefined,
    gateway,
    bus,
    issuer,
    presence,
    backplane,
    server: served.server,
    createClient,

    /** A client with a valid token that is connected. */
    async connect(userId: string, token = issuer.sign(userId)): Promise<Client> {
      const client = createClient({ token })
      const connected = Promise.withResolvers<void>()
      client.once('connect', connected.resolve)
      client.once('connect_error', connected.reject)
      client.connect()
      await connected.promise
      return client
    },

    /** Publishes as chat and auth do; resolves once the gateway has handled it. */
    publish: (event: Event) => bus.publish([event]),

    /** What a metric of the gateway says for the given labels. */
    async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
      const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] }
      const found = values.find(({ labels: have }) =>
        Object.entries(labels).every(([label, value]) => have[label] === value),
      )
      return found?.value ?? 0
    },

    async close(): Promise<void> {
      for (const client of clients) client.disconnect()
      await gateway.close()
      await backplane?.close()
      await served.close()
    },
  }
  return opened
}
export type GatewayUnderTest = Awaited<ReturnType<typeof openGateway>>

/** A client that may send and hear anything. */
export const untyped = (client: Client): Socket => client

/** Sends an event and holds the ack against the contract. */
export async function ask<E extends keyof ClientToServerEvents>(
  client: Client,
  event: E,
  payload: unknown,
): Promise<Ack<E>> {
  const answer: unknown = await untyped(client).timeout(5_000).emitWithAck(event, payload)
  return z.union([clientEvents[event].ack, refused]).parse(answer) as Ack<E>
}

/** The code of the problem in an ack, or `undefined` for a success. */
export const codeOf = (answer: { ok: true } | z.infer<typeof refused>): string | undefined =>
  answer.ok ? undefined : answer.problem.code

/** The first argument of an event's next occurrence. */
export const heard = <E extends keyof ServerToClientEvents | 'connect' | 'connect_error' | 'disconnect'>(
  client: Client,
  event: E,
): Promise<E extends keyof ServerToClientEvents ? Parameters<ServerToClientEvents[E]>[0] : unknown> =>
  new Promise((resolve) => {
    untyped(client).once<string>(event, resolve)
  })

/** Everything that an event brings from now on. */
export function collect<E extends keyof ServerToClientEvents>(
  client: Client,
  event: E,
): Parameters<ServerToClientEvents[E]>[0][] {
  const collected: Parameters<ServerToClientEvents[E]>[0][] = []
  untyped(client).on<string>(event, (payload) => void collected.push(payload))
  return collected
}

export const createEntry = (seq: number, text = `message ${seq}`) => ({
  id: randomUUID(),
  conversationId: '5c1f1c5e-8a59-4d3c-9d6b-0f6f6a2a9e77',
  seq,
  senderId: randomUUID(),
  clientId: randomUUID(),
  at: new Date(0).toISOString(),
  kind: 'message-created' as const,
  body: { text },
})
