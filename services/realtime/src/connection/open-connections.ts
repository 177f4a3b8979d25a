import type { CloseReason } from '@parley/contracts/socket.ts'
import { createTokenBucket } from '@parley/platform/limits/token-bucket.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import { closeWith, type Connection, explainClosing, giveReason } from './close-reason.ts'
import { requirePings } from './heartbeat.ts'
import { innards } from './innards.ts'
import { createWaitingBytes } from './waiting-bytes.ts'

/** The connections of this gateway, from before their handshake until their TCP connection is closed. */
export interface OpenConnections {
  /**
   * Bounds what a connection may cost. One that sends far more than its rate cap, of whatever kind of packet,
   * is closed. So is one that does not read: what waits for it never exceeds the caps, nor what waits for all.
   */
  guard(connection: Connection): void
  /** It has shown a valid token of this user. */
  admitted(connection: Connection, userId: string): void
  /** Closes all, after what waits was sent; cuts those that are still open after `waitMs`. */
  closeAll(waitMs: number): Promise<void>
}

export interface ConnectionCaps {
  readonly packetsPerSecond: number
  readonly packetBurst: number
  readonly bufferedPackets: number
  readonly bufferedBytes: number
  /** Of all connections together. */
  readonly bufferedBytesInTotal: number
}

/** At once, and without waiting for a peer that may not read. */
function cut(connection: Connection, reason: CloseReason): void {
  const { socket } = innards(connection).transport
  giveReason(connection, reason)
  connection.close(true)
  socket.terminate()
}

export function createOpenConnections(
  caps: ConnectionCaps,
  metrics: GatewayMetrics,
  security: SecurityLog,
): OpenConnections {
  const open = new Set<Connection>()
  const owners = new WeakMap<Connection, string>()
  /** What was queued for each since nothing was. */
  const queued = new WeakMap<Connection, number>()
  let allClosed: (() => void) | undefined

  function waitingFor(connection: Connection): number {
    const { writeBuffer, transport } = innards(connection)
    const inQueue = writeBuffer.length === 0 ? 0 : (queued.get(connection) ?? 0)
    return inQueue + transport.socket.bufferedAmount
  }
  const waiting = createWaitingBytes<Connection>({
    most: caps.bufferedBytesInTotal,
    measure: waitingFor,
    ownerOf: (connection) => owners.get(connection) ?? connection,
    cut(connection) {
      security.note('client-shed', { userId: owners.get(connection), reason: 'unread-packets' })
      cut(connection, 'buffer')
    },
  })

  function limitReceiving(connection: Connection): void {
    const bucket = createTokenBucket({ perSecond: caps.packetsPerSecond, burst: caps.packetBurst })
    connection.on('packet', () => {
      if (bucket.take() === 0 || connection.readyState !== 'open') return
      cut(connection, 'rate')
    })
  }

  function limitSending(connection: Connection): void {
    const inside = innards(connection)
    // Comes before the packet is queued.
    connection.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
      const { writeBuffer, transport } = inside
      // Nothing waits: the packet goes straight to the operating system.
      if (transport.writable || connection.readyState !== 'open') return
      const before = writeBuffer.length === 0 ? 0 : (queued.get(connection) ?? 0)
      const inQueue = before + (data === undefined ? 0 : Buffer.byteLength(data))
      queued.set(connection, inQueue)
      const bytes = inQueue + transport.socket.bufferedAmount
      if (writeBuffer.length >= caps.bufferedPackets || bytes > caps.bufferedBytes) cut(connection, 'buffer')
      else waiting.note(connection, bytes)
    })
  }

  return {
    guard(connection) {
      open.add(connection)
      innards(connection).transport.socket.once('close', () => {
        open.delete(connection)
        waiting.forget(connection)
        if (open.size === 0) allClosed?.()
      })
      explainClosing(connection, metrics)
      requirePings(connection)
      limitReceiving(connection)
      limitSending(connection)
    },
    admitted: (connection, userId) => void owners.set(connection, userId),

    async closeAll(waitMs) {
      if (open.size === 0) return
      const closed = new Promise<void>((resolve) => {
        allClosed = resolve
      })
      const timer = setTimeout(
        () => open.forEach((connection) => cut(connection, 'gateway-draining')),
        waitMs,
      )
      for (const connection of open) closeWith(connection, 'gateway-draining')
      await closed
      clearTimeout(timer)
    },
  }
}
