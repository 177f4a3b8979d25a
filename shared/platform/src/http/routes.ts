import type { Operation } from '@parley/contracts/operation.ts'
import { type Request, type Response, Router } from 'express'
import type { z } from 'zod'
import { ParleyError, parseOrThrow } from '../parley-error.ts'
import type { Caller, VerifyToken } from '../tokens/verify-token.ts'
import { addressAsking } from './note-address.ts'
import { createUserShares, standardRequestsPerUser } from './user-shares.ts'

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** A call that has passed the door: everything in it is checked and typed by the operation's contract. */
export interface Call<O extends Operation> {
  readonly params: Parsed<O['params']>
  readonly query: Parsed<O['query']>
  readonly body: Parsed<O['body']>
  readonly caller: O['authenticated'] extends true ? Caller : undefined
  /** The client's network address, as far as the trusted proxies tell. */
  readonly address: string
  readonly correlationId: string
}

/** One of the operation's success answers. */
export type Reply<O extends Operation> = {
  [S in keyof O['responses']]: O['responses'][S] extends z.ZodType
    ? { readonly status: S; readonly body: z.input<O['responses'][S]> }
    : { readonly status: S }
}[keyof O['responses']]

export interface Routes {
  readonly router: Router
  /** Serves an operation: checks the token if one is needed, then the request, then calls the handler. */
  add<const O extends Operation, const R extends Reply<O>>(
    operation: O,
    handle: (call: Call<O>) => Promise<R>,
  ): void
}

/**
 * @param maxRequestsPerUser how many requests of one user may be worked on; more are `rate-limited`
 * @param onRead is told how many bytes were answered to a question (GET) of a user
 */
export function createRoutes({
  verifyToken,
  maxRequestsPerUser = standardRequestsPerUser,
  onRead,
}: {
  verifyToken: VerifyToken
  maxRequestsPerUser?: number
  onRead?: (userId: string, bytes: number) => void
}): Routes {
  const router = Router({ caseSensitive: true, strict: false })
  const shares = createUserShares(maxRequestsPerUser)
  return {
    router,
    add(operation, handle) {
      const { method, path, authenticated, params, query, body } = operation
      router[method](path, async (request: Request, response: Response) => {
        response.locals['route'] = path
        const caller = authenticated ? await verifyToken(bearerToken(request)) : undefined
        if (body !== undefined) requireJson(request)
        const call = {
          params: params && parseOrThrow(params, request.params, 'params'),
          query: query && parseOrThrow(query, request.query, 'query'),
          body: body && parseOrThrow(body, request.body),
          caller,
          address: addressAsking(response),
          correlationId: response.locals['correlationId'] as string,
        } as Call<typeof operation>
        // Until the work is done, also when its caller has gone away meanwhile.
        const way = method === 'get' ? 'answering' : 'during'
        const reply = (await shares[way](caller?.userId, () => handle(call))) as AnyReply
        response.status(reply.status)
        if (reply.body === undefined) response.end()
        else {
          const text = JSON.stringify(reply.body)
          if (method === 'get' && caller !== undefined) onRead?.(caller.userId, Buffer.byteLength(text))
          response.type('json').send(text)
        }
      })
    },
  }
}

interface AnyReply {
  readonly status: number
  readonly body?: unknown
}

/** RFC 6750 section 2.1; the scheme's name is case-insensitive. */
function bearerToken(request: Request): string {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) {
    throw new ParleyError('token-missing', { detail: 'Send `Authorization: Bearer <token>`.' })
  }
  return token
}

function requireJson(request: Request): void {
  if (request.body === undefined && request.headers['content-length'] !== '0' && hasBody(request)) {
    throw new ParleyError('unsupported-media-type')
  }
}

const hasBody = ({ headers }: Request): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
