import { createDocsRouter } from '@parley/api-docs/docs-routes.ts'
import { getJwks } from '@parley/contracts/token.ts'
import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createFailpoints } from '@parley/platform/failpoints.ts'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createMetricsApp } from '@parley/platform/http/metrics-app.ts'
import { linger } from '@parley/platform/http/linger.ts'
import { listen } from '@parley/platform/http/listen.ts'
import { createServiceClient } from '@parley/platform/http/service-client.ts'
import { createRedisBucketExchange } from '@parley/platform/limits/bucket-exchange.redis.ts'
import { createBucketsFor } from '@parley/platform/limits/buckets.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createRabbitEventBus } from '@parley/platform/rabbitmq/event-bus.rabbitmq.ts'
import { openRedis } from '@parley/platform/redis/open-redis.ts'
import { createSecurityLog } from '@parley/platform/security-log.ts'
import { runService } from '@parley/platform/run-service.ts'
import { limitsOf } from '@parley/platform/service-config.ts'
import { createEndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { followEndedSessions } from '@parley/platform/tokens/follow-ended-sessions.ts'
import { createEndedSessionsLoad } from '@parley/platform/tokens/load-ended-sessions.ts'
import { createJwksKeySource } from '@parley/platform/tokens/key-source.ts'
import { createTokenVerifier } from '@parley/platform/tokens/verify-token.ts'
import { createChat } from './app.ts'
import { chatProcessConfig } from './config.ts'
import { createHttpFindPerson } from './people/find-person.http.ts'
import { openMongoChatStores } from './stores.mongo.ts'

/** How long requests under way may take once the process closes. */
const requestGraceMs = 5_000

runService({
  name: 'chat',
  schema: chatProcessConfig,
  async start({ config, logger, shutdown }) {
    shutdown.onClose('address', linger)
    const failpoints = createFailpoints(config.FAILPOINT)
    const stores = await openMongoChatStores(config.MONGO_URL, { logger, failpoints })
    shutdown.onClose('stores', () => stores.close())

    const metrics = createMetrics({ process: true })
    const bus = createRabbitEventBus({ url: config.RABBITMQ_URL, name: 'chat', logger, metrics })
    shutdown.onClose('event bus', () => bus.close())
    const authService = createServiceClient({ origin: config.AUTH_URL })
    shutdown.onClose('auth client', () => authService.close())

    const ended = createEndedSessions()
    const following = followEndedSessions({
      ended,
      load: createEndedSessionsLoad(authService),
      bus,
      service: 'chat',
      logger,
    })
    shutdown.onClose('ended sessions', () => following.close())
    const verifyToken = following.refuse(
      createTokenVerifier({
        keys: createJwksKeySource({ load: () => authService.call(getJwks, {}) }),
        issuer: config.TOKEN_ISSUER,
        audience: config.TOKEN_AUDIENCE,
      }),
    )

    // Without it, as while it is away, each replica counts by itself what users do.
    const redis = config.REDIS_URL && openRedis(config.REDIS_URL, { logger, name: 'limits' })
    if (redis) shutdown.onClose('redis', () => redis.close())
    const exchange = redis && createRedisBucketExchange(redis)

    const chat = createChat({
      config,
      stores,
      verifyToken,
      findPerson: createHttpFindPerson(authService),
      bus,
      logger,
      relayMetrics: createRelayMetrics(metrics),
      bucketsFor: createBucketsFor({ metrics, ...(exchange && { exchange }) }),
      failpoints,
      security: createSecurityLog({ logger, metrics }),
    })
    shutdown.onClose('chat', () => chat.close())

    // Without the broker chat still accepts messages, so only the database decides whether it is ready.
    const health = createHealth()
    health.addCheck('database', () => stores.ping())
    const app = createHttpApp({
      routers: [chat.router, createDocsRouter()],
      health,
      metrics,
      logger,
      allowedOrigins: config.ALLOWED_ORIGINS,
      allowedHosts: config.ALLOWED_HOSTS,
      trustedProxies: config.TRUSTED_PROXIES,
      limits: limitsOf(config),
    })
    const http = await listen(app, { port: config.PORT, host: config.HOST })
    shutdown.onClose('http', () => http.close(requestGraceMs))
    const atMetrics = { port: config.METRICS_PORT, host: config.METRICS_HOST }
    const metricsHttp = await listen(createMetricsApp(metrics, logger), atMetrics)
    shutdown.onClose('metrics', () => metricsHttp.close(0))
    shutdown.onClose('readiness', () => health.startDraining())
    logger.info({ port: http.port }, 'chat is listening')

    // Waits for the broker; requests are answered meanwhile.
    await Promise.all([chat.start(), following.start()])
  },
})
