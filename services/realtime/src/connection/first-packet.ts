import { randomUUID } from 'node:crypto'
import { ParleyError, toProblem } from '@parley/platform/parley-error.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import { closeWith, type Connection } from './close-reason.ts'

/** A CONNECT to another namespace than the main one, which is empty or `/`. */
const otherNamespace = /^0(\/[^,]+)/

/**
 * Refuses what Socket.IO would leave without an answer: a first packet that its standard parser did not write
 * (with another one, such as msgpack's, a client does not understand a word), and namespaces that are not there.
 * Has to listen before Socket.IO does.
 */
export function refuseForeignPackets(connection: Connection, metrics: GatewayMetrics): void {
  function refuse(
    code: 'parser-not-supported' | 'namespace-not-found',
    detail: string,
    namespace = '',
  ): void {
    metrics.refusedHandshakes.inc({ code })
    const problem = toProblem(new ParleyError(code, { detail }), randomUUID())
    const prefix = namespace === '' ? '' : `${namespace},`
    connection.send(`4${prefix}${JSON.stringify({ message: code, data: problem })}`)
    closeWith(connection, code)
  }

  let first = true
  connection.on('data', (packet: unknown) => {
    const isFirst = first
    first = false
    if (isFirst && (typeof packet !== 'string' || !packet.startsWith('0'))) {
      refuse('parser-not-supported', 'The first packet has to be a CONNECT of the standard parser, as text.')
      return
    }
    const [, namespace] = (typeof packet === 'string' && otherNamespace.exec(packet)) || []
    if (namespace !== undefined) {
      refuse('namespace-not-found', 'Connect to the main namespace, `/`.', namespace.slice(0, 64))
    }
  })
}
