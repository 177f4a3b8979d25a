import { randomUUID } from 'node:crypto'
import cors from 'cors'
import express, { type Express, type RequestHandler, type Router } from 'express'
import { parse } from 'secure-json-parse'
import type { Health } from '../health.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { ParleyError } from '../parley-error.ts'
import { answerProblems, answerRouteNotFound } from './problems.ts'
import { dataHeaders } from './security-headers.ts'

/** A message of 4,000 characters with every one of them escaped fits several times over. */
const bodyLimit = '128kb'

/** A request under way holds some tens of kilobytes, and whoever has waited for seconds does not wait for more. */
export const standardMaxRequests = 1_000

/**
 * The Express app of a process: the same headers, limits, problems, health and metrics for every service.
 *
 * @param routers what the process serves, in order
 * @param allowedOrigins which web origins may call from a browser; without one the request is no browser's
 * @param maxRequests how many may be under way; more are refused as `overloaded`. Health and metrics do not count
 * @param trustedProxies how many proxies in front may say who the client is (`X-Forwarded-For`)
 */
export function createHttpApp({
  routers,
  health,
  metrics,
  logger,
  allowedOrigins,
  trustedProxies,
  maxRequests = standardMaxRequests,
}: {
  routers: readonly Router[]
  health: Health
  metrics: Metrics
  logger: Logger
  allowedOrigins: readonly string[]
  trustedProxies: number
  maxRequests?: number
}): Express {
  const app = express()
  app.disable('x-powered-by')
  // Answers differ from call to call; hashing each of them for a header that nobody uses costs CPU.
  app.disable('etag')
  app.set('trust proxy', trustedProxies)
  app.set('query parser', 'simple')

  app.use(correlate)
  app.use(observe(metrics, logger))
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  app.get('/readyz', async (_request, response) => {
    const report = await health.report()
    response.status(report.ready ? 200 : 503).json(report)
  })
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })

  app.use(dataHeaders)
  app.use(
    cors({ origin: [...allowedOrigins], exposedHeaders: ['x-correlation-id', 'retry-after'], maxAge: 600 }),
  )
  app.use(limitRequests(maxRequests))
  app.use(nameUtf8)
  app.use(express.json({ limit: bodyLimit, verify: refuseDangerousBodies }))
  for (const router of routers) app.use(router)
  app.use(answerRouteNotFound)
  app.use(answerProblems(logger))
  return app
}

/** Keeps the id that a proxy or a client gave, if it is harmless, and answers with it. */
const correlate: RequestHandler = (request, response, next) => {
  const given = request.get('x-correlation-id') ?? ''
  const correlationId = /^[\w.-]{8,64}$/.test(given) ? given : randomUUID()
  response.locals['correlationId'] = correlationId
  response.set('x-correlation-id', correlationId)
  next()
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

/** Before anything of them is read, so that refusing costs little. */
function limitRequests(most: number): RequestHandler {
  let underWay = 0
  return (_request, response, next) => {
    if (underWay >= most) throw new ParleyError('overloaded', { retryAfterSeconds: 1 })
    underWay += 1
    response.once('close', () => {
      underWay -= 1
    })
    next()
  }
}

/** Many clients write `charset=utf8`, which is no registered name (RFC 3629), and mean the right thing. */
const nameUtf8: RequestHandler = ({ headers }, _response, next) => {
  const type = headers['content-type']
  if (type !== undefined && /utf8/i.test(type)) headers['content-type'] = type.replace(/utf8/i, 'utf-8')
  next()
}

/**
 * `JSON.parse` makes `__proto__` an ordinary key, which bites whoever copies the object later. Few bodies
 * hold the words at all (or an escape that could hide them), so nearly all are parsed once. JSON is UTF-8
 * (RFC 8259), and in another encoding the words would look different.
 */
function refuseDangerousBodies(_request: unknown, _response: unknown, body: Buffer, encoding: string): void {
  if (encoding !== 'utf-8') throw new ParleyError('unsupported-media-type', { detail: 'JSON is UTF-8.' })
  if (!['__proto__', 'constructor', '\\u'].some((suspicious) => body.includes(suspicious))) return
  try {
    parse(body, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw new ParleyError('malformed-json', { detail: (error as Error).message, cause: error })
  }
}
