import { createDocsRouter } from '@parley/api-docs/docs-routes.ts'
import { createAuth } from '@parley/auth/app.ts'
import { signingKeysIn } from '@parley/auth/keys/signing-keys.ts'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { createChat } from '@parley/chat/app.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { createMemoryEventBus } from '@parley/platform/events/event-bus.memory.ts'
import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createFailpoints } from '@parley/platform/failpoints.ts'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createMetricsApp } from '@parley/platform/http/metrics-app.ts'
import { createHttpServer, listen } from '@parley/platform/http/listen.ts'
import { createBucketsFor } from '@parley/platform/limits/buckets.ts'
import type { Logger } from '@parley/platform/log.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createSecurityLog } from '@parley/platform/security-log.ts'
import { limitsOf } from '@parley/platform/service-config.ts'
import type { Shutdown } from '@parley/platform/shutdown.ts'
import { watchSqliteDamage } from '@parley/platform/sqlite-damage.ts'
import { socketAddress } from '@parley/realtime/connection/socket-address.ts'
import { createGateway } from '@parley/realtime/gateway.ts'
import { createMemoryPresenceStore } from '@parley/realtime/presence/presence-store.memory.ts'
import { createMemoryTypingStore } from '@parley/realtime/presence/typing-store.memory.ts'
import { originOf } from './addresses.ts'
import type { StandaloneConfig } from './config.ts'
import { type DataFolder, databases } from './data-folder.ts'
import { createDemoConversations } from './demo/demo-conversations.ts'
import { createDemoPeople, findDemoEmails } from './demo/demo-people.ts'
import type { WebApp } from './web-app/read-web-app.ts'
import { createWebAppRouter, createWelcomeRouter } from './web-app/web-app-routes.ts'

export interface Standalone {
  readonly port: number
  readonly metricsPort: number
  /** The demo people that there are, from now or from an earlier run. */
  readonly demoEmails: readonly string[]
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
  webApp,
  logger,
  shutdown,
}: {
  config: StandaloneConfig
  data: DataFolder
  port: number
  host: string
  demo: boolean
  /** Served at `/`; the API pages are the front door without it. */
  webApp: WebApp | undefined
  logger: Logger
  shutdown: Shutdown
}): Promise<Standalone> {
  shutdown.onClose('data folder', () => data.unlock())
  const authStores = openSqliteAuthStores(data.file('auth.sqlite'), logger)
  shutdown.onClose('auth stores', () => authStores.close())
  const failpoints = createFailpoints(config.FAILPOINT)
  const chatStores = openSqliteChatStores(data.file('chat.sqlite'), { logger, failpoints })
  shutdown.onClose('chat stores', () => chatStores.close())

  const metrics = createMetrics({ process: true })
  const relayMetrics = createRelayMetrics(metrics)
  const health = createHealth()
  health.addCheck('auth-database', () => authStores.ping())
  health.addCheck('chat-database', () => chatStores.ping())
  for (const name of databases) {
    const damage = watchSqliteDamage({ file: data.file(name), logger })
    shutdown.onClose(`look at ${name}`, () => damage.close())
    health.addCheck(`${name} whole`, () => damage.check())
  }
  const bus = createMemoryEventBus()
  shutdown.onClose('event bus', () => bus.close())

  data.secret('signing-key.pem')
  const bucketsFor = createBucketsFor({ metrics })

  const auth = createAuth({
    config,
    stores: authStores,
    signingKeys: signingKeysIn(data.file('signing-key.pem')),
    refreshSecret: data.secret('refresh-secret'),
    bus,
    logger,
    metrics,
    relayMetrics,
    bucketsFor,
  })

  const chat = createChat({
    config,
    stores: chatStores,
    verifyToken: auth.verifyToken,
    findPerson: (id) => auth.findPerson(id),
    bus,
    logger,
    relayMetrics,
    bucketsFor,
    failpoints,
    security: createSecurityLog({ logger, metrics }),
  })
  shutdown.onClose('chat', () => chat.close())
  // Before chat, which listens to what auth has yet to publish.
  shutdown.onClose('auth', () => auth.close())

  const front = webApp === undefined ? createWelcomeRouter() : createWebAppRouter(webApp)
  // Its own pages may call it where it is opened by address or as localhost, and by the name that it listens on.
  const allowedOrigins = [originOf(host, port), ...config.ALLOWED_ORIGINS]
  const gateway = createGateway({
    config: { ...config, ALLOWED_ORIGINS: allowedOrigins },
    trustedProxies: config.TRUSTED_PROXIES,
    chat,
    verifyToken: auth.verifyToken,
    ended: auth.ended,
    presence: createMemoryPresenceStore({ ttlMs: config.PRESENCE_TTL_MS }),
    typing: createMemoryTypingStore({ ttlMs: config.TYPING_TTL_MS }),
    bus,
    logger,
    metrics,
    failpoints,
  })

  const app = createHttpApp({
    // By how often they are asked for: a request passes those before its own.
    routers: [chat.router, auth.router, createDocsRouter(), gateway.router, front],
    health,
    metrics,
    logger,
    allowedOrigins,
    allowedHosts: config.ALLOWED_HOSTS,
    trustedProxies: config.TRUSTED_PROXIES,
    limits: limitsOf(config),
  })
  const httpServer = createHttpServer(app, { websocketsAt: socketAddress })

  // Everybody listens before anything is published, and everything works before the port opens.
  await gateway.start(httpServer)
  await chat.start()
  await auth.start()
  if (demo && (await authStores.users.isEmpty())) {
    const people = await createDemoPeople(auth)
    await createDemoConversations({ stores: chatStores, people, now: Date.now() })
  }
  const atMetrics = { port: config.METRICS_PORT, host: config.METRICS_HOST }
  const metricsHttp = await listen(createMetricsApp(metrics, logger), atMetrics)
  shutdown.onClose('metrics', () => metricsHttp.close(0))
  const listening = await listen(httpServer, { port, host })
  shutdown.onClose('http', () => listening.close(requestGraceMs))
  shutdown.onClose('gateway', () => gateway.close())
  shutdown.onClose('readiness', () => health.startDraining())

  return { port: listening.port, metricsPort: metricsHttp.port, demoEmails: await findDemoEmails(authStores) }
}
