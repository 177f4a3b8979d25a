import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isOwnOrigin } from '@parley/platform/http/origins.ts'
import { ParleyError, toProblem } from '@parley/platform/parley-error.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'

/** Socket.IO's `allowRequest`; without the callback the request is ours to answer. */
export type AdmitUpgrade = (
  request: IncomingMessage,
  callback: (error: string | null | undefined, success: boolean) => void,
) => void

/**
 * Decides about a websocket before it is one. Browsers let any page open a websocket anywhere (CORS does not
 * apply), but they always say which page it was: its origin must be this very address, or on the list. Without
 * an `Origin` it is no browser.
 * @param accepting false while the gateway starts or drains
 */
export function createUpgradeAdmission({
  allowedOrigins,
  accepting,
  metrics,
}: {
  allowedOrigins: readonly string[]
  accepting: () => boolean
  metrics: GatewayMetrics
}): AdmitUpgrade {
  const allowed = new Set(allowedOrigins)

  function check({ origin, host }: IncomingMessage['headers']): ParleyError | undefined {
    if (!accepting()) return new ParleyError('unavailable', { detail: 'This gateway is going away.' })
    if (origin === undefined || isOwnOrigin(origin, host) || allowed.has(origin)) return undefined
    return new ParleyError('origin-not-allowed')
  }

  return (request, callback) => {
    const error = check(request.headers)
    if (error === undefined) return callback(null, true)
    metrics.refusedHandshakes.inc({ code: error.code })
    refuse(request, error)
  }
}

/** Engine.IO refuses every upgrade with 400, so the refusal is written here. */
function refuse({ socket }: IncomingMessage, error: ParleyError): void {
  const problem = toProblem(error, randomUUID())
  const body = JSON.stringify(problem)
  // The peer may be gone already, and nobody else listens on this socket any more.
  socket.on('error', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.code}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
  socket.destroySoon()
}
