import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { clientAddress, networkOf } from '@parley/platform/http/client-address.ts'
import { isOwnOrigin } from '@parley/platform/http/origins.ts'
import { endWithProblem } from '@parley/platform/http/refused-requests.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import type { SocketPlaces } from './socket-places.ts'

/** Whether a request may become a websocket. One that may not is answered. */
export type AdmitUpgrade = (request: IncomingMessage, socket: Duplex) => boolean

/**
 * Decides about a websocket before it is one. Browsers let any page open a websocket anywhere (CORS does not
 * apply), but they always say which page it was: its origin must be this very address, or on the list. Without
 * an `Origin` it is no browser.
 * One that may has taken its place then.
 * @param accepting false while the gateway starts or drains
 * @param trustedProxies how many proxies in front may say who the client is
 */
export function createUpgradeAdmission({
  allowedOrigins,
  accepting,
  places,
  trustedProxies,
  metrics,
  security,
}: {
  allowedOrigins: readonly string[]
  accepting: () => boolean
  places: Pick<SocketPlaces, 'take'>
  trustedProxies: number
  metrics: GatewayMetrics
  security: SecurityLog
}): AdmitUpgrade {
  const allowed = new Set(allowedOrigins)

  function check(request: IncomingMessage, socket: Duplex): void {
    if (!accepting()) {
      throw new ParleyError('unavailable', {
        detail: 'This gateway is going away.',
        retryAfterSeconds: 1,
      })
    }
    const { origin, host } = request.headers
    const network = networkOf(clientAddress(request, trustedProxies))
    if (origin !== undefined && !isOwnOrigin(origin, host) && !allowed.has(origin)) {
      security.note('origin-refused', { network })
      throw new ParleyError('origin-not-allowed')
    }
    checkProtocol(request)
    places.take(socket, network)
  }

  return (request, socket) => {
    try {
      check(request, socket)
      return true
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error
      metrics.refusedHandshakes.inc({ code: error.code })
      endWithProblem(socket, error)
      return false
    }
  }
}

/** Engine.IO would take an older version in first, and then write what is no websocket; others it answers in HTML. */
function checkProtocol({ method, url = '', headers }: IncomingMessage): void {
  const asked = new URL(url, 'http://gateway').searchParams
  if (asked.get('transport') !== 'websocket' || asked.has('sid')) {
    throw new ParleyError('transport-not-supported', {
      detail: 'Ask for `transport=websocket`, at once and without a `sid`.',
    })
  }
  if (asked.get('EIO') !== '4') {
    throw new ParleyError('protocol-not-supported', {
      detail: 'Ask for `EIO=4`: clients of Socket.IO 3 and later do.',
    })
  }
  const key = headers['sec-websocket-key']
  if (
    method !== 'GET' ||
    headers['sec-websocket-version'] !== '13' ||
    !/^[+/0-9A-Za-z]{22}==$/.test(key ?? '')
  ) {
    throw new ParleyError('protocol-not-supported', {
      detail: 'This is no handshake of a websocket of version 13 (RFC 6455).',
    })
  }
}
