import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel } from 'amqplib'
import type { Logger } from '../log.ts'
import { atMost, type BrokerConnection } from './connection.ts'
import { OwnError } from '../own-error.ts'

/** A channel that is opened anew, from scratch, whenever the old one is gone: amqplib's never come back. */
export interface KeptChannel<C extends Channel> {
  /** The open channel, set up; undefined while there is none. */
  current(): C | undefined
  /** Resolves once the channel was set up for the first time; rejects when it is closed before. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** After the broker closed a channel, or refused to set it up, on a connection that lives. */
const firstGapMs = 200
const longestGapMs = 5_000
const closeTimeoutMs = 1_000

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
  let reported = false

  const isWanted = (model: ChannelModel): boolean => !closed && connection.model() === model

  /** Opens one channel after the other, for as long as the connection lives. */
  async function keep(model: ChannelModel): Promise<void> {
    let gapMs = firstGapMs
    while (isWanted(model)) {
      try {
        await openAndAwaitEnd(model, () => {
          gapMs = firstGapMs
        })
      } catch (err) {
        logger.debug({ err }, 'channel not opened')
      }
      await sleep(gapMs, undefined, { ref: false })
      gapMs = Math.min(gapMs * 2, longestGapMs)
    }
  }

  async function openAndAwaitEnd(model: ChannelModel, onOpen: () => void): Promise<void> {
    const channel = await create(model)
    const gone = Promise.withResolvers<void>()
    channel.on('close', () => {
      // At once, since nothing may be sent on it any more.
      if (current === channel) current = undefined
      gone.resolve()
    })
    channel.on('error', (err) => {
      // One line for a trouble that stays.
      if (!reported) logger.warn({ err }, 'RabbitMQ closed a channel')
      reported = true
    })
    // Every window that is being published listens for its end.
    channel.setMaxListeners(0)
    try {
      await setUp(channel)
      if (closed) return
      current = channel
      reported = false
      ready.resolve()
      onOpen()
      await gone.promise
    } finally {
      await closeQuietly(channel)
    }
  }

  const stopListening = connection.onConnected((model) => void keep(model))

  return {
    current: () => current,
    ready: ready.promise,
    async close() {
      closed = true
      stopListening()
      ready.reject(new OwnError('the event bus is closed'))
      // A broker that hangs never answers.
      if (current !== undefined) await atMost(closeTimeoutMs, closeQuietly(current))
      current = undefined
    },
  }
}

async function closeQuietly(channel: Channel): Promise<void> {
  try {
    await channel.close()
  } catch {
    // It is closed, or its connection is: that is what was wanted.
  }
}
