import { getJwks } from '@parley/contracts/token.ts'
import { createFailpoints } from '@parley/platform/failpoints.ts'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createMetricsApp } from '@parley/platform/http/metrics-app.ts'
import { linger } from '@parley/platform/http/linger.ts'
import { createHttpServer, listen } from '@parley/platform/http/listen.ts'
import { createServiceClient } from '@parley/platform/http/service-client.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createRabbitEventBus } from '@parley/platform/rabbitmq/event-bus.rabbitmq.ts'
import { runService } from '@parley/platform/run-service.ts'
import { limitsOf } from '@parley/platform/service-config.ts'
import { createEndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import { followEndedSessions } from '@parley/platform/tokens/follow-ended-sessions.ts'
import { createEndedSessionsLoad } from '@parley/platform/tokens/load-ended-sessions.ts'
import { createJwksKeySource } from '@parley/platform/tokens/key-source.ts'
import { createTokenVerifier } from '@parley/platform/tokens/verify-token.ts'
import { createRedisBackplane } from './backplane.redis.ts'
import { realtimeProcessConfig } from './config.ts'
import { socketAddress } from './connection/socket-address.ts'
import { createGateway } from './gateway.ts'
import { createHttpChatPort } from './sending/chat-port.http.ts'

runService({
  name: 'realtime',
  schema: realtimeProcessConfig,
  async start({ config, logger, shutdown }) {
    shutdown.onClose('address', linger)
    const metrics = createMetrics({ process: true })
    const backplane = createRedisBackplane({
      url: config.REDIS_URL,
      presenceTtlMs: config.PRESENCE_TTL_MS,
      typingTtlMs: config.TYPING_TTL_MS,
      logger,
      metrics,
    })
    shutdown.onClose('redis', () => backplane.close())
    const bus = createRabbitEventBus({ url: config.RABBITMQ_URL, name: 'realtime', logger, metrics })
    shutdown.onClose('event bus', () => bus.close())
    const authService = createServiceClient({ origin: config.AUTH_URL })
    shutdown.onClose('auth client', () => authService.close())
    // Within the 5 s that clients wait for an ack: one that comes later costs them a link that is sound.
    const chatService = createServiceClient({
      origin: config.CHAT_URL,
      timeoutMs: 4_000,
      deadlineMs: 4_000,
    })
    shutdown.onClose('chat client', () => chatService.close())

    const ended = createEndedSessions()
    const following = followEndedSessions({
      ended,
      load: createEndedSessionsLoad(authService),
      bus,
      service: 'realtime',
      logger,
    })
    shutdown.onClose('ended sessions', () => following.close())

    const gateway = createGateway({
      config,
      trustedProxies: config.TRUSTED_PROXIES,
      chat: createHttpChatPort(chatService),
      verifyToken: following.refuse(
        createTokenVerifier({
          keys: createJwksKeySource({ load: () => authService.call(getJwks, {}) }),
          issuer: config.TOKEN_ISSUER,
          audience: config.TOKEN_AUDIENCE,
        }),
      ),
      ended,
      presence: backplane.presence,
      typing: backplane.typing,
      bus,
      logger,
      metrics,
      adapter: backplane.adapter,
      backplane,
      failpoints: createFailpoints(config.FAILPOINT),
    })

    // Sockets live on while Redis or the broker is away, and new ones are as good as old ones.
    const health = createHealth()
    const app = createHttpApp({
      routers: [gateway.router],
      health,
      metrics,
      logger,
      allowedOrigins: config.ALLOWED_ORIGINS,
      allowedHosts: config.ALLOWED_HOSTS,
      trustedProxies: config.TRUSTED_PROXIES,
      limits: limitsOf(config),
    })
    const httpServer = createHttpServer(app, { websocketsAt: socketAddress })

    const started = gateway.start(httpServer)
    const http = await listen(httpServer, { port: config.PORT, host: config.HOST })
    shutdown.onClose('http', () => http.close(0))
    shutdown.onClose('gateway', () => gateway.close())
    const atMetrics = { port: config.METRICS_PORT, host: config.METRICS_HOST }
    const metricsHttp = await listen(createMetricsApp(metrics, logger), atMetrics)
    shutdown.onClose('metrics', () => metricsHttp.close(0))
    shutdown.onClose('readiness', () => health.startDraining())
    logger.info({ port: http.port }, 'realtime is listening')

    // Waits for the broker and for Redis; sockets are accepted meanwhile.
    await Promise.all([started, following.start()])
  },
})
