import type { RequestHandler } from 'express'
import { ParleyError } from '../parley-error.ts'
import { networkAsking } from './note-address.ts'

export interface RequestLimits {
  /** How many requests may be worked on; more are refused as `overloaded`. */
  readonly maxRequests: number
  /** How many of them may be from one network, so that the others find room; more are `rate-limited`. */
  readonly maxRequestsPerAddress: number
}

/** One under way holds some tens of kilobytes, and whoever has waited for seconds does not wait for more. */
export const standardLimits: RequestLimits = { maxRequests: 1_000, maxRequestsPerAddress: 500 }

/**
 * Bounds what is worked on. A request counts from when its body is there to when its answer is made: how slowly
 * somebody sends or reads is bounded elsewhere, and takes no place here.
 * @param readBody runs in between; where there is no place it is not even begun
 */
export function limitRequests(
  { maxRequests, maxRequestsPerAddress }: RequestLimits,
  readBody: RequestHandler,
): RequestHandler {
  const byNetwork = new Map<string, number>()
  let underWay = 0

  function refusal(network: string): ParleyError | undefined {
    if (underWay >= maxRequests) return new ParleyError('overloaded', { retryAfterSeconds: 1 })
    if ((byNetwork.get(network) ?? 0) < maxRequestsPerAddress) return undefined
    return new ParleyError('rate-limited', {
      detail: 'Too many requests of this network address are under way.',
      retryAfterSeconds: 1,
    })
  }

  return (request, response, next) => {
    const network = networkAsking(response)
    const refused = refusal(network)
    if (refused !== undefined) return next(refused)
    readBody(request, response, (error?: unknown) => {
      const problem = error ?? refusal(network)
      if (problem !== undefined) return next(problem)
      underWay += 1
      byNetwork.set(network, (byNetwork.get(network) ?? 0) + 1)
      let counts = true
      const done = (): void => {
        if (!counts) return
        counts = false
        underWay -= 1
        const others = byNetwork.get(network)! - 1
        if (others === 0) byNetwork.delete(network)
        else byNetwork.set(network, others)
      }
      response.once('prefinish', done).once('close', done)
      next()
    })
  }
}
