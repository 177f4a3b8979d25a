import type { CloseReason } from '@parley/contracts/socket.ts'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import { closeWith, type Connection, explainClosing, giveReason } from './close-reason.ts'
import { createTokenBucket } from '@parley/platform/limits/token-bucket.ts'

/** What Engine.IO keeps to itself, but is the only place where a client that does not read can be seen. */
interface Innards {
  readonly writeBuffer: readonly unknown[]
  readonly transport: {
    readonly writable: boolean
    /** The `ws` socket. */
    readonly socket: {
      readonly bufferedAmount: number
      terminate(): void
      once(event: 'close', listener: () => void): void
    }
  }
}
const innards = (connection: Connection): Innards => connection as unknown as Innards

/** The connections of this gateway, from before their handshake until their TCP connection is closed. */
export interface OpenConnections {
  /**
   * Bounds what a connection may cost. One that sends far more than its rate cap, of whatever kind of packet,
   * is closed. So is one that does not read: what waits for it never exceeds the caps.
   */
  guard(connection: Connection): void
  /** Closes all, after what waits was sent; cuts those that are still open after `waitMs`. */
  closeAll(waitMs: number): Promise<void>
}

export interface ConnectionCaps {
  readonly packetsPerSecond: number
  readonly packetBurst: number
  readonly bufferedPackets: number
  readonly bufferedBytes: number
}

/** At once, and without waiting for a peer that may not read. */
function cut(connection: Connection, reason: CloseReason): void {
  const { socket } = innards(connection).transport
  giveReason(connection, reason)
  connection.close(true)
  socket.terminate()
}

export function createOpenConnections(caps: ConnectionCaps, metrics: GatewayMetrics): OpenConnections {
  const open = new Set<Connection>()
  let allClosed: (() => void) | undefined

  function limitReceiving(connection: Connection): void {
    const bucket = createTokenBucket({ perSecond: caps.packetsPerSecond, burst: caps.packetBurst })
    connection.on('packet', () => {
      if (bucket.take() === 0 || connection.readyState !== 'open') return
      cut(connection, 'rate')
    })
  }

  function limitSending(connection: Connection): void {
    const inside = innards(connection)
    let waitingBytes = 0
    // Comes before the packet is queued.
    connection.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
      const { writeBuffer, transport } = inside
      // Nothing waits: the packet goes straight to the operating system.
      if (transport.writable || connection.readyState !== 'open') return
      if (writeBuffer.length === 0) waitingBytes = 0
      waitingBytes += data === undefined ? 0 : Buffer.byteLength(data)
      if (
        writeBuffer.length < caps.bufferedPackets &&
        waitingBytes + transport.socket.bufferedAmount <= caps.bufferedBytes
      ) {
        return
      }
      cut(connection, 'buffer')
    })
  }

  return {
    guard(connection) {
      open.add(connection)
      innards(connection).transport.socket.once('close', () => {
        open.delete(connection)
        if (open.size === 0) allClosed?.()
      })
      explainClosing(connection, metrics)
      limitReceiving(connection)
      limitSending(connection)
    },

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
