import express, { type Express } from 'express'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createSecurityLog } from '../security-log.ts'
import { correlate } from './correlate.ts'
import { noteAddress } from './note-address.ts'
import { answerProblems, answerRouteNotFound } from './problems.ts'
import { limitRequests } from './request-limits.ts'
import { boundUnsentAnswers } from './unsent-answers.ts'

/** A handful of Prometheus servers, and somebody who looks. */
const limits = { maxRequests: 10, maxRequestsPerAddress: 10 }
const unsentBytes = 4 * 1_024 * 1_024

/**
 * `/metrics` for Prometheus, and nothing else. It has an address of its own, since it tells what goes on here to
 * whoever asks, and costs more than most answers.
 */
export function createMetricsApp(metrics: Metrics, logger: Logger): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const security = createSecurityLog({ logger, metrics })
  app.use(correlate, noteAddress, boundUnsentAnswers({ most: unsentBytes, security }))
  app.use(limitRequests(limits, (_request, _response, next) => next()))
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).set('cache-control', 'no-store')
    response.send(await text())
  })
  app.use(answerRouteNotFound)
  app.use(answerProblems(logger))

  /** Those who ask at the same time get the same text. */
  let writing: Promise<string> | undefined
  const text = (): Promise<string> =>
    (writing ??= metrics.registry.metrics().finally(() => {
      writing = undefined
    }))
  return app
}
