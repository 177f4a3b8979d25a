import { randomUUID } from 'node:crypto'
import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ProblemCode } from '@parley/contracts/problem.ts'
import { ParleyError, toProblem } from '../parley-error.ts'

/** What Node says of a request that it cannot read, in our codes. */
const codesByFault = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
} as const

/**
 * Answers as problems what never gets as far as the app: requests that Node cannot read, and expectations that
 * nobody knows. Node's own answers have no body.
 */
export function answerRefusedRequests(server: Server): void {
  server.on('clientError', (fault: NodeJS.ErrnoException, socket: Duplex) => {
    // An answer is under way, and whoever reads it would take more for a part of it.
    const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null }
    if (!socket.writable || answer?.headersSent === true) {
      socket.destroy(fault)
      return
    }
    const code = codesByFault[fault.code as keyof typeof codesByFault] as ProblemCode | undefined
    endWithProblem(
      socket,
      code === undefined
        ? new ParleyError('validation-failed', { detail: 'This is no well-formed HTTP request.' })
        : new ParleyError(code),
    )
  })
  server.on('checkExpectation', ({ socket }) => endWithProblem(socket, new ParleyError('expectation-failed')))
}

/** Writes a whole answer where there is no response to write it with, and closes the connection. */
export function endWithProblem(
  socket: Duplex & { destroySoon?: () => void },
  error: ParleyError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const problem = toProblem(error, randomUUID())
  const body = JSON.stringify(problem)
  const { retryAfterSeconds } = problem
  const all = {
    Connection: 'close',
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Correlation-Id': problem.correlationId,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds }),
    ...headers,
  }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  // The peer may be gone already, and nobody else listens on this socket any more.
  socket.on('error', () => socket.destroy())
  socket.end([`HTTP/1.1 ${problem.status} ${problem.code}`, ...head, '', body].join('\r\n'))
  socket.destroySoon?.()
}
