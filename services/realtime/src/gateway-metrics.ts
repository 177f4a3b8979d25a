import type { Metrics } from '@parley/platform/metrics.ts'

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>

export function createGatewayMetrics(metrics: Metrics) {
  const deliveries = metrics.counter(
    'parley_realtime_deliveries_total',
    'Emits to the room of a user or session, by event',
    ['event'],
  )
  return {
    connections: metrics.gauge('parley_realtime_connections', 'Sockets that have shown a valid token'),
    /** Labels are looked up once, not per message. */
    entries: deliveries.labels({ event: 'timeline:entry' }),
    receipts: deliveries.labels({ event: 'receipt:advanced' }),
    endings: deliveries.labels({ event: 'session:ended' }),
    malformed: metrics.counter(
      'parley_realtime_malformed_events_total',
      'Broker events dropped because they are not as their contract says',
    ),
    consuming: metrics.gauge('parley_realtime_consuming', 'Whether this gateway takes events from the bus'),
    repeated: metrics.counter(
      'parley_realtime_repeated_events_total',
      'Broker events emitted again after a gateway was cut off from the others',
    ),
    refusedHandshakes: metrics.counter(
      'parley_realtime_refused_handshakes_total',
      'Connections refused before they could send or receive, by problem code',
      ['code'],
    ),
    closed: metrics.counter(
      'parley_realtime_closed_total',
      'Connections that the gateway closed, by the reason that it gave',
      ['cause'],
    ),
    refusedEvents: metrics.counter(
      'parley_realtime_refused_events_total',
      'Events of clients that were refused, by problem code',
      ['code'],
    ),
  }
}
