import type { Logger } from '@parley/platform/log.ts'
import type { Metrics } from '@parley/platform/metrics.ts'
import { keepSubscriptions } from '@parley/platform/redis/keep-subscriptions.ts'
import { openRedis } from '@parley/platform/redis/open-redis.ts'
import { createShardedAdapter } from '@socket.io/redis-adapter'
import type { ServerOptions } from 'socket.io'
import type { Backplane } from './backplane.ts'
import { createRedisPresenceStore } from './presence/presence-store.redis.ts'
import type { PresenceStore } from './presence/presence-store.ts'
import { createRedisTypingStore } from './presence/typing-store.redis.ts'
import type { TypingStore } from './presence/typing-store.ts'

export interface RedisBackplane extends Backplane {
  /** For one Socket.IO server. */
  readonly adapter: ServerOptions['adapter']
  readonly presence: PresenceStore
  readonly typing: TypingStore
  /** @throws when Redis does not answer */
  ping(): Promise<void>
  /** After the gateway: its adapter leaves its channels first. */
  close(): Promise<void>
}

/**
 * Redis between the gateways, over two connections: one that listens, and one for everything else. Opens
 * without waiting for Redis. Each room has a channel of its own (sharded adapter, dynamic mode), so a
 * message costs what the gateways of its recipients cost, however many others there are; a socket's own
 * room has none.
 */
export function createRedisBackplane({
  url,
  presenceTtlMs,
  typingTtlMs,
  logger,
  metrics,
}: {
  url: string
  presenceTtlMs: number
  typingTtlMs: number
  logger: Logger
  metrics: Metrics
}): RedisBackplane {
  const commands = openRedis(url, { logger, name: 'realtime' })
  const listening = openRedis(url, { logger, name: 'realtime-listening' })
  const subscriptions = keepSubscriptions({ connection: listening, logger })
  const gauge = metrics.gauge('parley_realtime_redis_available', 'Whether this gateway reaches the others')
  const listeners: ((available: boolean) => void)[] = []
  let isAvailable = false
  let newest: Promise<unknown> = Promise.resolve()

  function check(): void {
    const now = commands.isReady() && subscriptions.complete()
    if (now === isAvailable) return
    isAvailable = now
    if (now) newest = Promise.resolve()
    gauge.set(now ? 1 : 0)
    for (const listener of listeners) listener(now)
  }
  commands.onChange(check)
  subscriptions.onChange(check)

  let gathering = false
  /** What is published in one turn of the event loop goes out in one write. */
  function gather(): void {
    const { stream } = commands.client
    if (gathering || stream === undefined) return
    gathering = true
    stream.cork()
    process.nextTick(() => {
      gathering = false
      stream.uncork()
    })
  }

  // What the adapter uses of a client. It does not handle what its subscriptions answer, so they must not
  // reject; a failed publish it takes as a reason to emit to its own sockets only.
  const publisher = {
    spublish(channel: string, message: string | Buffer): Promise<unknown> {
      gather()
      const answer = commands.client.spublish(channel, message)
      newest = answer
      return answer
    },
  }
  const subscriber = {
    on: listening.client.on.bind(listening.client),
    ssubscribe: subscriptions.add,
    sunsubscribe: subscriptions.remove,
  }

  return {
    adapter: createShardedAdapter(publisher, subscriber, {
      subscriptionMode: 'dynamic',
      channelPrefix: 'parley',
    }),
    presence: createRedisPresenceStore({ redis: commands, ttlMs: presenceTtlMs }),
    typing: createRedisTypingStore({ redis: commands, ttlMs: typingTtlMs }),
    available: () => isAvailable,
    onChange(listener) {
      listeners.push(listener)
    },
    joined: subscriptions.settled,
    async published() {
      // Answers come in the order of the commands, so the newest one stands for all.
      await newest
    },
    async ping() {
      await Promise.all([commands.ping(), listening.ping()])
    },
    async close() {
      await Promise.all([commands.close(), listening.close()])
    },
  }
}
