import { problems } from '@parley/contracts/problem.ts'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '../log.ts'
import { isOurFault, ParleyError, toProblem } from '../parley-error.ts'

/** What Express and its body parser throw, in our codes. */
const codesByStatus = {
  400: 'malformed-json',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
} as const

function toParleyError(error: unknown): unknown {
  if (error instanceof ParleyError || !(error instanceof Error)) return error
  if (error instanceof URIError) {
    return new ParleyError('validation-failed', { detail: 'The address is not well encoded.', cause: error })
  }
  const status = 'type' in error && 'status' in error ? Number(error.status) : undefined
  const code = codesByStatus[status as keyof typeof codesByStatus]
  return code === undefined ? error : new ParleyError(code, { cause: error })
}

export const answerRouteNotFound: RequestHandler = (request) => {
  throw new ParleyError('route-not-found', { detail: `${request.method} ${request.path}` })
}

/** Answers every error as a problem (RFC 9457); logs those that are our fault, with the correlation id. */
export function answerProblems(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = toParleyError(thrown)
    const correlationId = String(response.locals['correlationId'])
    if (isOurFault(error)) {
      logger.error(
        { err: error, correlationId, method: request.method, path: request.path },
        'request failed',
      )
    }
    // The answer is under way: Express cuts the connection, so that the client does not take it as whole.
    if (response.headersSent) return next(error)

    const problem = toProblem(error, correlationId)
    if (problem.retryAfterSeconds !== undefined)
      response.set('retry-after', String(problem.retryAfterSeconds))
    if (problem.status === problems['token-invalid'].status) response.set('www-authenticate', 'Bearer')
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  }
}
