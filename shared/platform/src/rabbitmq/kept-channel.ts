import type { Channel, ChannelModel } from 'amqplib'
import type { Logger } from '../log.ts'
import { atMost, type BrokerConnection } from './connection.ts'

/** A channel that is opened anew, from scratch, whenever the old one is gone: amqplib's never come back. */
export interface KeptChannel<C extends Channel> {
  /** The open channel, set up; undefined while there is none. */
  current(): C | undefined
  /** Resolves once the channel was set up for the first time; rejects when it is closed before. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** After the broker closed a channel, or refused to set it up, on a connection that lives. */
const reopenAfterMs = 500
const closeTimeoutMs = 2_000

/** @param setUp what has to be declared or begun on a new channel before it may be used */
export function keepChannel<C extends Channel>({
  connection,
  create,
  setUp,
  logger,
}: {
  connection: BrokerConnection
  create: (model: ChannelModel) => Promise<C>
  setUp: (channel: C) => Promise<void>
  logger: Logger
}): KeptChannel<C> {
  const ready = Promise.withResolvers<void>()
  // Whoever asks hears of it; nobody has to.
  ready.promise.catch(() => undefined)
  let current: C | undefined
  let closed = false
  let timer: NodeJS.Timeout | undefined

  function reopenSoon(model: ChannelModel): void {
    if (closed || connection.model() !== model) return
    clearTimeout(timer)
    timer = setTimeout(() => void open(model), reopenAfterMs)
  }

  async function open(model: ChannelModel): Promise<void> {
    try {
      const channel = await create(model)
      // Every window that is being published listens for its end.
      channel.setMaxListeners(0)
      channel.on('error', (err) => logger.warn({ err }, 'RabbitMQ closed a channel'))
      channel.on('close', () => {
        if (current === channel) current = undefined
        reopenSoon(model)
      })
      await setUp(channel)
      if (closed) return await channel.close()
      current = channel
      ready.resolve()
    } catch (err) {
      logger.debug({ err }, 'channel not opened')
      reopenSoon(model)
    }
  }

  const stopListening = connection.onConnected((model) => void open(model))

  return {
    current: () => current,
    ready: ready.promise,
    async close() {
      closed = true
      stopListening()
      clearTimeout(timer)
      ready.reject(new Error('the event bus is closed'))
      const channel = current
      current = undefined
      // A broker that hangs never answers.
      if (channel !== undefined)
        await atMost(
          closeTimeoutMs,
          Promise.resolve().then(() => channel.close()),
        )
    },
  }
}
