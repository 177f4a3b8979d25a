import { problems } from '@parley/contracts/problem.ts'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '../log.ts'
import { isOurFault, ParleyError, toProblem } from '../parley-error.ts'
import { methodsAt } from './methods-at.ts'

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
  // `expose` marks what is the caller's fault. Zlib's errors have no `type`: the body is not what it says it is.
  const exposed = 'expose' in error && error.expose === true && 'status' in error
  const code = exposed ? codesByStatus[Number(error.status) as keyof typeof codesByStatus] : undefined
  if (code === undefined) return error
  const detail = 'type' in error ? {} : { detail: 'The body does not fit its Content-Encoding.' }
  return new ParleyError(code, { ...detail, cause: error })
}

/** Where there is nothing: 404, or 405 with `Allow` when another method would have found something. */
export const answerRouteNotFound: RequestHandler = (request, response) => {
  const { method, path, app } = request
  const allowed = methodsAt(app.router, path)
  if (allowed.length === 0) throw new ParleyError('route-not-found', { detail: `${method} ${path}` })
  response.set('allow', allowed.join(', '))
  throw new ParleyError('method-not-allowed', { detail: `${method} ${path}` })
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
