import type { Metrics } from '../metrics.ts'

export type BusMetrics = ReturnType<typeof createBusMetrics>

export function createBusMetrics(metrics: Metrics) {
  return {
    connected: metrics.gauge('parley_bus_connected', 'Whether the broker can be reached', ['connection']),
    published: metrics.counter('parley_bus_published_total', 'Events that the broker confirmed'),
    consumed: metrics.counter('parley_bus_consumed_total', 'Events given to a handler, by what came of it', [
      'queue',
      'outcome',
    ]),
    duplicates: metrics.counter('parley_bus_duplicates_total', 'Events that came again and were dropped', [
      'queue',
    ]),
    redelivered: metrics.counter(
      'parley_bus_redelivered_total',
      'Events that the broker handed out again: their ack was lost, or they were given back',
      ['queue'],
    ),
    retried: metrics.counter('parley_bus_retried_total', 'Events put aside to be tried again', ['queue']),
    retriesReturned: metrics.counter(
      'parley_bus_retries_returned_total',
      'Events that came back to be tried again; over all processes, what was retried and has not come back waits',
      ['queue'],
    ),
    deadLettered: metrics.counter('parley_bus_dead_lettered_total', 'Events given up', ['queue', 'reason']),
  }
}
