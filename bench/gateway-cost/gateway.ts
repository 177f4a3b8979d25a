// A gateway as it runs in the stack, but for the broker: its events come from the parent process.
import { randomUUID } from 'node:crypto'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createHttpServer, listen } from '@parley/platform/http/listen.ts'
import { createLogger } from '@parley/platform/log.ts'
import { createEndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createRedisBackplane } from '@parley/realtime/backplane.redis.ts'
import { realtimeConfig } from '@parley/realtime/config.ts'
import { socketAddress } from '@parley/realtime/connection/socket-address.ts'
import { createGateway } from '@parley/realtime/gateway.ts'
import { createAdapter } from '@socket.io/redis-adapter'
import { Redis } from 'ioredis'
import type { Adapter } from './protocol.ts'
import { serveOrders } from './worker.ts'

const logger = createLogger('gateway-cost', 'warn')
const metrics = createMetrics()
const bus = createMemoryEventBus()
const config = realtimeConfig.parse({})
const noChat = (): Promise<never> => Promise.reject(new Error('there is no chat here'))

async function open(redisUrl: string, adapter: Adapter): Promise<string> {
  const backplane = createRedisBackplane({
    url: redisUrl,
    presenceTtlMs: config.PRESENCE_TTL_MS,
    typingTtlMs: config.TYPING_TTL_MS,
    logger,
    metrics,
  })
  while (!backplane.available()) await new Promise((resolve) => setTimeout(resolve, 10))
  const gateway = createGateway({
    config,
    trustedProxies: 0,
    chat: { sendMessage: noChat, advanceReceipt: noChat, memberIds: noChat },
    // Verifying costs the same for every adapter; here a token is the user's id.
    verifyToken: async (token) => ({
      userId: token,
      sessionId: randomUUID(),
      issuedAt: Date.now(),
      expiresAt: Date.now() + 3_600_000,
      token,
    }),
    ended: createEndedSessions(),
    presence: backplane.presence,
    typing: backplane.typing,
    bus,
    logger,
    metrics,
    ...(adapter === 'sharded'
      ? { adapter: backplane.adapter, backplane }
      : { adapter: createAdapter(new Redis(redisUrl), new Redis(redisUrl)) }),
  })
  const app = createHttpApp({
    routers: [gateway.router],
    health: createHealth(),
    metrics,
    logger,
    allowedOrigins: [],
    trustedProxies: 0,
  })
  const httpServer = createHttpServer(app, { websocketsAt: socketAddress })
  await gateway.start(httpServer)
  const { port } = await listen(httpServer, { port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${port}`
}

serveOrders(async (order) => {
  if (order.do === 'open') return { url: await open(order.redisUrl, order.adapter) }
  if (order.do === 'deliver') {
    await bus.publish([order.event])
    return undefined
  }
  const { user, system } = process.cpuUsage()
  return { microseconds: user + system }
})
