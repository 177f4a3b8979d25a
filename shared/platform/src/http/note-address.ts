import type { RequestHandler, Response } from 'express'
import { networkOf } from './client-address.ts'

/** Notes who asks, once for all that want to know. */
export const noteAddress: RequestHandler = (request, response, next) => {
  response.locals['address'] = request.ip ?? 'unknown'
  next()
}

/** The address of whoever asks, as far as the trusted proxies tell. */
export const addressAsking = ({ locals }: Response): string => locals['address'] as string

/** What counts as one client, by its address. */
export const networkAsking = (response: Response): string => networkOf(addressAsking(response))
