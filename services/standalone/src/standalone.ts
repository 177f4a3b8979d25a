import { randomBytes } from 'node:crypto'
import { createDocsRouter } from '@parley/api-docs/docs-routes.ts'
import { createAuth } from '@parley/auth/app.ts'
import { generateSigningKeyPem } from '@parley/auth/keys/signing-key.ts'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { createChat } from '@parley/chat/app.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createFailpoints } from '@parley/platform/failpoints.ts'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createHttpServer, listen } from '@parley/platform/http/listen.ts'
import type { Logger } from '@parley/platform/log.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import type { Shutdown } from '@parley/platform/shutdown.ts'
import { createGateway } from '@parley/realtime/gateway.ts'
import { createMemoryPresenceStore } from '@parley/realtime/presence/presence-store.memory.ts'
import { createMemoryTypingStore } from '@parley/realtime/presence/typing-store.memory.ts'
import type { StandaloneConfig } from './config.ts'
import type { DataFolder } from './data-folder.ts'
import { createDemoUsers, type DemoUsers } from './demo-users.ts'
import { createWelcomeRouter } from './welcome-routes.ts'

export interface Standalone {
  readonly port: number
  readonly demoUsers: DemoUsers
}

/** How long requests under way may take once the process closes. */
const requestGraceMs = 3_000

/**
 * The whole chat in this process: the same services as in the stack, on SQLite and an in-process bus.
 * What is opened is registered with `shutdown`, which closes it in reverse order.
 * @throws ListenError when the port is not to be had; what was opened until then is for `shutdown` to close
 */
export async function startStandalone({
  config,
  data,
  port,
  host,
  demo,
  logger,
  shutdown,
}: {
  config: StandaloneConfig
  data: DataFolder
  port: number
  host: string
  demo: boolean
  logger: Logger
  shutdown: Shutdown
}): Promise<Standalone> {
  shutdown.onClose('data folder', () => data.unlock())
  const authStores = openSqliteAuthStores(data.file('auth.sqlite'))
  shutdown.onClose('auth stores', () => authStores.close())
  const failpoints = createFailpoints(config.FAILPOINT)
  const chatStores = openSqliteChatStores(data.file('chat.sqlite'), failpoints)
  shutdown.onClose('chat stores', () => chatStores.close())

  const metrics = createMetrics({ process: true })
  const relayMetrics = createRelayMetrics(metrics)
  const health = createHealth()
  health.addCheck('auth-database', () => authStores.ping())
  health.addCheck('chat-database', () => chatStores.ping())
  const bus = createMemoryEventBus()
  shutdown.onClose('event bus', () => bus.close())

  const auth = createAuth({
    config,
    stores: authStores,
    signingKeyPem: data.secret('signing-key.pem', generateSigningKeyPem),
    refreshSecret: data.secret('refresh-secret', () => randomBytes(32).toString('base64url')),
    bus,
    logger,
    metrics,
    relayMetrics,
  })

  const chat = createChat({
    config,
    stores: chatStores,
    verifyToken: auth.verifyToken,
    findPerson: (id) => auth.findPerson(id),
    bus,
    logger,
    relayMetrics,
    failpoints,
  })
  shutdown.onClose('chat', () => chat.close())
  // Before chat, which listens to what auth has yet to publish.
  shutdown.onClose('auth', () => auth.close())

  // A page that this process serves may call it; other origins have to be on the list.
  const allowedOrigins = [`http://localhost:${port}`, `http://127.0.0.1:${port}`, ...config.ALLOWED_ORIGINS]
  const app = createHttpApp({
    routers: [auth.router, chat.router, createDocsRouter(), createWelcomeRouter()],
    health,
    metrics,
    logger,
    allowedOrigins,
    trustedProxies: config.TRUSTED_PROXIES,
    maxRequests: config.HTTP_MAX_REQUESTS,
  })
  const httpServer = createHttpServer(app)

  const gateway = createGateway({
    config: { ...config, ALLOWED_ORIGINS: allowedOrigins },
    httpServer,
    chat,
    verifyToken: auth.verifyToken,
    presence: createMemoryPresenceStore({ ttlMs: config.PRESENCE_TTL_MS }),
    typing: createMemoryTypingStore({ ttlMs: config.TYPING_TTL_MS }),
    bus,
    logger,
    metrics,
    failpoints,
  })

  // Everybody listens before anything is published, and everything works before the port opens.
  await gateway.start()
  await chat.start()
  await auth.start()
  const listening = await listen(httpServer, { port, host })
  shutdown.onClose('http', () => listening.close(requestGraceMs))
  shutdown.onClose('gateway', () => gateway.close())
  shutdown.onClose('readiness', () => health.startDraining())

  const demoUsers = await createDemoUsers({ auth, wanted: demo && (await authStores.users.isEmpty()) })
  return { port: listening.port, demoUsers }
}
