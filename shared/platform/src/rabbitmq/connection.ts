import amqp, { type ChannelModel, type RecoveringChannelModel } from 'amqplib'
import type { Logger } from '../log.ts'

/** A connection to the broker that comes back by itself, for ever. What it carried before is gone then. */
export interface BrokerConnection {
  /** The connection as it is now; undefined while the broker is away. */
  model(): ChannelModel | undefined
  /** Calls back on every new connection, and at once when there is one now. Returns how to stop. */
  onConnected(listener: (model: ChannelModel) => void): () => void
  /** Does not wait longer than two seconds for a broker that hangs. */
  close(): Promise<void>
}

const closeTimeoutMs = 2_000

/**
 * @param name as the management page of RabbitMQ shows it
 * @param onChange is told whether the broker can be reached, once per change
 */
export function openConnection({
  url,
  name,
  logger,
  onChange,
}: {
  url: string
  name: string
  logger: Logger
  onChange: (connected: boolean) => void
}): BrokerConnection {
  const listeners = new Set<(model: ChannelModel) => void>()
  let current: ChannelModel | undefined
  /** One line per outage, not per try. */
  let reportedAway = false

  function away(err: unknown): void {
    current = undefined
    onChange(false)
    if (!reportedAway) logger.warn({ err, connection: name }, 'RabbitMQ is away')
    reportedAway = true
  }

  function connected(model: ChannelModel): void {
    current = model
    onChange(true)
    if (reportedAway) logger.info({ connection: name }, 'RabbitMQ is back')
    reportedAway = false
    for (const listener of listeners) listener(model)
  }

  async function open(): Promise<RecoveringChannelModel> {
    const target = new URL(url)
    // Seconds; after two of them without a sign of life the connection counts as lost.
    target.searchParams.set('heartbeat', '10')
    const recovering = await amqp.connect(target.href, {
      recovery: { initialDelay: 200, maxDelay: 5_000, jitter: 0.3, waitForConnect: false },
      timeout: 5_000,
      noDelay: true,
      clientProperties: { connection_name: name },
    })
    recovering.on('connect', connected)
    recovering.on('disconnect', away)
    recovering.on('connect-failed', away)
    // Followed by `disconnect`; without a listener it would end the process.
    recovering.on('error', (err) => logger.debug({ err, connection: name }, 'connection error'))
    return recovering
  }

  const opening = open()

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
      current = undefined
    },
  }
}

/** Waits for work that may never end, but not longer than this. Its failure is nobody's business. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, milliseconds)
  await Promise.race([work.catch(() => undefined), late.promise])
  clearTimeout(timer)
}
