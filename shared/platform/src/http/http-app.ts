import cors from 'cors'
import express, { type Express, type RequestHandler, type Router } from 'express'
import type { Health } from '../health.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createSecurityLog } from '../security-log.ts'
import { correlate } from './correlate.ts'
import { requireOwnHost } from './hosts.ts'
import { readJsonBodies } from './json-bodies.ts'
import { noteAddress } from './note-address.ts'
import { answerProblems, answerRouteNotFound } from './problems.ts'
import { limitRequests, type RequestLimits, standardLimits } from './request-limits.ts'
import { dataHeaders } from './security-headers.ts'
import { boundUnsentAnswers } from './unsent-answers.ts'

/**
 * The Express app of a process: the same headers, limits, problems and health for every service.
 *
 * @param routers what the process serves, in order
 * @param allowedOrigins which web origins may call from a browser; without one the request is no browser's
 * @param limits of the requests under way; health does not count
 * @param allowedHosts names that requests may be for, besides those of the origins (see `requireOwnHost`)
 * @param trustedProxies how many proxies in front may say who the client is (`X-Forwarded-For`)
 */
export function createHttpApp({
  routers,
  health,
  metrics,
  logger,
  allowedOrigins,
  allowedHosts = [],
  trustedProxies,
  limits = standardLimits,
}: {
  routers: readonly Router[]
  health: Health
  metrics: Metrics
  logger: Logger
  allowedOrigins: readonly string[]
  allowedHosts?: readonly string[]
  trustedProxies: number
  limits?: RequestLimits
}): Express {
  const app = express()
  const security = createSecurityLog({ logger, metrics })
  app.disable('x-powered-by')
  // Answers differ from call to call; hashing each of them for a header that nobody uses costs CPU.
  app.disable('etag')
  app.set('trust proxy', trustedProxies)
  app.set('query parser', 'simple')

  app.use(correlate)
  app.use(observe(metrics, logger))
  app.use(noteAddress)
  app.use(boundUnsentAnswers({ security }))
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  app.get('/readyz', async (_request, response) => {
    const report = await health.report()
    response.status(report.ready ? 200 : 503).json(report)
  })

  app.use(dataHeaders)
  const names = [...allowedHosts, ...allowedOrigins.map((origin) => new URL(origin).hostname)]
  app.use(requireOwnHost(names, security))
  app.use(
    cors({ origin: [...allowedOrigins], exposedHeaders: ['x-correlation-id', 'retry-after'], maxAge: 600 }),
  )
  app.use(limitRequests(limits, readJsonBodies()))
  for (const router of routers) app.use(router)
  app.use(answerRouteNotFound)
  app.use(answerProblems(logger))
  return app
}

/** Times every request by route (never by path, which would be a label without bounds). */
function observe(metrics: Metrics, logger: Logger): RequestHandler {
  const durations = metrics.histogram(
    'parley_http_request_seconds',
    'Time from the request’s head to the end of the answer',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    ['method', 'route', 'status'],
  )
  return (request, response, next) => {
    const started = performance.now()
    response.once('close', () => {
      const milliseconds = performance.now() - started
      const route = (response.locals['route'] as string | undefined) ?? 'other'
      durations.observe({ method: request.method, route, status: response.statusCode }, milliseconds / 1_000)
      if (!logger.isLevelEnabled('debug')) return
      const correlationId = response.locals['correlationId'] as string
      logger.debug(
        {
          correlationId,
          method: request.method,
          path: request.path,
          status: response.statusCode,
          milliseconds,
        },
        'request',
      )
    })
    next()
  }
}
