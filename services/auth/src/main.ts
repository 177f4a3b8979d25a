import { createRelayMetrics } from '@parley/platform/events/relay.ts'
import { createHealth } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createMetricsApp } from '@parley/platform/http/metrics-app.ts'
import { linger } from '@parley/platform/http/linger.ts'
import { listen } from '@parley/platform/http/listen.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import { createRabbitEventBus } from '@parley/platform/rabbitmq/event-bus.rabbitmq.ts'
import { openRedis } from '@parley/platform/redis/open-redis.ts'
import { runService } from '@parley/platform/run-service.ts'
import { limitsOf } from '@parley/platform/service-config.ts'
import { createAuth } from './app.ts'
import { authProcessConfig } from './config.ts'
import { signingKeysIn } from './keys/signing-keys.ts'
import { createRedisBucketExchange } from '@parley/platform/limits/bucket-exchange.redis.ts'
import { createBucketsFor } from '@parley/platform/limits/buckets.ts'
import { redisLimiterFor } from '@parley/platform/limits/limiter.redis.ts'
import { openMongoAuthStores } from './stores.mongo.ts'

/** How long requests under way may take once the process closes: a login may wait for several hashes. */
const requestGraceMs = 5_000

runService({
  name: 'auth',
  schema: authProcessConfig,
  async start({ config, logger, shutdown }) {
    shutdown.onClose('address', linger)
    const stores = await openMongoAuthStores(config.MONGO_URL, { logger })
    shutdown.onClose('stores', () => stores.close())
    const redis = openRedis(config.REDIS_URL, { logger, name: 'limits' })
    shutdown.onClose('redis', () => redis.close())

    const metrics = createMetrics({ process: true })
    const bus = createRabbitEventBus({ url: config.RABBITMQ_URL, name: 'auth', logger, metrics })
    shutdown.onClose('event bus', () => bus.close())

    const auth = createAuth({
      config,
      stores,
      signingKeys:
        config.SIGNING_KEY_FILE === undefined
          ? () => config.SIGNING_KEY
          : signingKeysIn(config.SIGNING_KEY_FILE),
      refreshSecret: config.REFRESH_SECRET,
      bus,
      logger,
      metrics,
      relayMetrics: createRelayMetrics(metrics),
      limiterFor: redisLimiterFor(redis, { metrics }),
      bucketsFor: createBucketsFor({ metrics, exchange: createRedisBucketExchange(redis) }),
    })
    shutdown.onClose('auth', () => auth.close())

    // Without the broker or Redis auth still answers, so only the database decides whether it is ready.
    const health = createHealth()
    health.addCheck('database', () => stores.ping())
    const app = createHttpApp({
      routers: [auth.router, auth.internalRouter],
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
    logger.info({ port: http.port }, 'auth is listening')

    await auth.start()
  },
})
