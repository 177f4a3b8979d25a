import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'

/** Keeps the id that a proxy or a client gave, if it is harmless, and answers with it. */
export const correlate: RequestHandler = (request, response, next) => {
  const given = request.get('x-correlation-id') ?? ''
  const correlationId = /^[\w.-]{8,64}$/.test(given) ? given : randomUUID()
  response.locals['correlationId'] = correlationId
  response.set('x-correlation-id', correlationId)
  next()
}
