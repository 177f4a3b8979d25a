import type { Duplex } from 'node:stream'
import amqp, { type ChannelModel } from 'amqplib'
import type { Logger } from '../log.ts'
import { OwnError } from '../own-error.ts'

/** A connection to the broker that comes back by itself, for ever. What it carried before is gone then. */
export interface BrokerConnection {
  /** The connection as it is now; undefined while the broker is away. */
  model(): ChannelModel | undefined
  /** Calls back on every new connection, and at once when there is one now. Returns how to stop. */
  onConnected(listener: (model: ChannelModel) => void): () => void
  /** Does not wait longer than a second for a broker that hangs. */
  close(): Promise<void>
}

const connectTimeoutMs = 5_000
const closeTimeoutMs = 1_000

/**
 * Opens a connection without waiting for it.
 * @param name as the management page of RabbitMQ shows it
 * @param heartbeatSeconds after two to three times as long without a sign of life it counts as lost
 * @param onChange is told whether the broker can be reached, once per change
 */
export function openConnection({
  url,
  name,
  heartbeatSeconds,
  logger,
  onChange,
}: {
  url: string
  name: string
  heartbeatSeconds: number
  logger: Logger
  onChange: (connected: boolean) => void
}): BrokerConnection {
  const listeners = new Set<(model: ChannelModel) => void>()
  let current: ChannelModel | undefined
  /** One line per outage, not per try. */
  let reportedAway = false

  function connected(model: ChannelModel): void {
    current = model
    onChange(true)
    if (reportedAway) logger.info({ connection: name }, 'RabbitMQ is back')
    reportedAway = false
    for (const listener of listeners) listener(model)
  }

  function away(err: unknown): void {
    if (current !== undefined) {
      destroySocket(current)
      onChange(false)
    }
    current = undefined
    if (!reportedAway) logger.warn({ err, connection: name }, 'RabbitMQ is away')
    reportedAway = true
  }

  // Never rejects, since it does not wait; its first try comes after the listeners.
  const opening = amqp.connect(withHeartbeat(url, heartbeatSeconds), {
    recovery: { initialDelay: 200, maxDelay: 5_000, jitter: 0.3, waitForConnect: false },
    timeout: connectTimeoutMs,
    noDelay: true,
    clientProperties: { connection_name: name },
  })
  void opening.then((recovering) => {
    recovering.on('connect', connected)
    recovering.on('disconnect', away)
    recovering.on('connect-failed', away)
    // Followed by `disconnect`; without a listener it would end the process.
    recovering.on('error', (err) => logger.debug({ err, connection: name }, 'connection error'))
  })

  return {
    model: () => current,
    onConnected(listener) {
      listeners.add(listener)
      if (current !== undefined) listener(current)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
      const recovering = await opening
      await atMost(closeTimeoutMs, recovering.close())
      if (current === undefined) return
      destroySocket(current)
      current = undefined
      onChange(false)
    },
  }
}

/** The address of a broker that is found out to be gone, also when its TCP connection seems to stand. */
export function withHeartbeat(url: string, seconds: number): string {
  const target = new URL(url)
  target.searchParams.set('heartbeat', `${seconds}`)
  return target.href
}

/**
 * amqplib ends a socket but leaves it open until the other side does the same, which may be never. With an
 * error, because only that ends its heartbeats and channels too, where it does not know yet.
 */
function destroySocket({ connection }: ChannelModel): void {
  const { stream } = connection as unknown as { stream: Duplex }
  stream.destroy(new OwnError('the connection is given up'))
}

/** Waits for work that may never end, but not longer than this. Its failure is nobody's business. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, milliseconds)
  await Promise.race([work.catch(() => undefined), late.promise])
  clearTimeout(timer)
}
