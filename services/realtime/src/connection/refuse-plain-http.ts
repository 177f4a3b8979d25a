import { ParleyError } from '@parley/platform/parley-error.ts'
import { Router } from 'express'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import { socketAddress } from './socket-address.ts'

/**
 * Answers what comes to the address of sockets without being a websocket, long polling above all. Pages of every
 * origin may read why: a browser would show a refusal that it may not read as a fault of CORS.
 */
export function createPlainHttpRefusal(metrics: GatewayMetrics): Router {
  const router = Router({ strict: true, caseSensitive: true })
  router.all(socketAddress, (_request, response) => {
    response.locals['route'] = socketAddress
    response.set('access-control-allow-origin', '*')
    metrics.refusedHandshakes.inc({ code: 'transport-not-supported' })
    throw new ParleyError('transport-not-supported', {
      detail: "Connect with a websocket: in Socket.IO clients with `transports: ['websocket']`.",
    })
  })
  return router
}
